package dev.quire.io.log;

import java.nio.ByteBuffer;
import java.util.List;

/** Generations that were surveyed, up to a position, read once more: they must be what they were. */
final class SurveyedLog extends LogSource {

    private final LogSettings settings;
    private final List<GenerationInfo> generations;
    private final long to;
    private int opened;

    SurveyedLog(LogSettings settings, List<GenerationInfo> generations, long to) {
        this.settings = settings;
        this.generations = generations;
        this.to = to;
    }

    @Override
    GenerationReader next(ByteBuffer buffer) {
        if (opened == generations.size()) {
            return null;
        }
        int generation = generations.get(opened).generation();
        GenerationReader reader =
                new GenerationReader(settings.storage(), LogFiles.path(settings.directory(), generation), buffer);
        try {
            LogFiles.accept(reader, settings.signature(), generation);
        } catch (RuntimeException | Error e) {
            reader.close();
            throw e;
        }
        opened++;
        return reader;
    }

    private GenerationInfo current() {
        return generations.get(opened - 1);
    }

    @Override
    boolean isClosed(BatchWalk walk) {
        return walk.offset() >= current().closingOffset() || Lsn.of(current().generation(), walk.offset()) >= to;
    }

    @Override
    boolean advance(GenerationReader reader, BatchWalk walk) {
        return LogFiles.advance(reader, walk, current(), to);
    }

    @Override
    void ended(BatchWalk walk) {
        // it was judged when it was surveyed
    }
}
