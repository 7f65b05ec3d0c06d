package dev.quire.backup;

import dev.quire.io.Events;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the log of the system is told until this is closed, which leaves it as it was. */
public final class SystemLog extends Handler implements AutoCloseable {

    public final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger(Events.LOGGER);
    private final boolean parents = logger.getUseParentHandlers();
    private final Level before = logger.getLevel();

    public SystemLog(Level level) {
        logger.addHandler(this);
        logger.setUseParentHandlers(false);
        logger.setLevel(level);
    }

    /** From now on what is below is not told. */
    public void level(Level level) {
        logger.setLevel(level);
    }

    @Override
    public void publish(LogRecord logged) {
        records.add(logged);
    }

    @Override
    public void flush() {
        // nothing is held
    }

    @Override
    public void close() {
        logger.setLevel(before);
        logger.setUseParentHandlers(parents);
        logger.removeHandler(this);
    }
}
