package dev.quire.benchmarks;

import dev.quire.durable.EngineThreads;
import java.util.concurrent.FutureTask;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/** Makes one durable commit after the other until it is closed, and notes how long each took. */
final class CommittingThread implements AutoCloseable {

    private static final int DIGITS = 3;
    private static final int WARM_MS = 500;
    private static final int ALONE_MS = 8_000; // some checkpoints, as there are beside a backup
    private static final double PERCENTILE = 99;

    private final SingleWriterRecorder recorder = new SingleWriterRecorder(DIGITS);
    private final FutureTask<Void> commits;
    private long since = System.nanoTime();
    private volatile boolean ended;

    /** What was committed in some time: nanoseconds of each. */
    record Interval(Histogram latencies, double seconds) {

        double commitsPerSecond() {
            return latencies.getTotalCount() / seconds;
        }

        double percentileMicros() {
            return latencies.getValueAtPercentile(PERCENTILE) / 1e3;
        }
    }

    CommittingThread(HotStore store) {
        commits = new FutureTask<>(() -> {
            long turn = System.nanoTime();
            while (!ended) {
                long start = System.nanoTime();
                store.commit(turn++);
                recorder.recordValue(System.nanoTime() - start);
            }
            return null;
        });
    }

    /** Begins, and returns what it commits while nothing else is done, once it is warm. */
    Interval alone() throws InterruptedException {
        new Thread(commits, "writer").start();
        Thread.sleep(WARM_MS);
        interval();
        Thread.sleep(ALONE_MS);
        return interval();
    }

    /** What was committed since the last call. */
    Interval interval() {
        long now = System.nanoTime();
        Interval interval = new Interval(recorder.getIntervalHistogram(), (now - since) / 1e9);
        since = now;
        return interval;
    }

    /** Returns when the last commit has; throws what ended it before. */
    @Override
    public void close() {
        ended = true;
        EngineThreads.await(commits);
    }
}
