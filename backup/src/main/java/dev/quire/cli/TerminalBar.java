package dev.quire.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar that moves, for one phase; and the question whether there is a terminal to draw it on. The only class that
 * knows the drawing library; it is given the width, because finding that out by itself would load native code.
 */
final class TerminalBar implements AutoCloseable {

    private static final int UPDATE_MS = 200;
    private static final int COLUMNS = 80;
    private static final int COLUMNS_MIN = 40;
    private static final int COLUMNS_MAX = 120;
    private static final long UNIT_BYTES = 1 << 20;

    private final ProgressBar bar;

    TerminalBar(PrintStream err, String name) {
        bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(0)
                .setUnit(" MiB", UNIT_BYTES)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MS)
                .hideEta()
                .showSpeed()
                .setConsumer(new ConsoleProgressBarConsumer(err, columns()))
                .build();
    }

    void show(long done, long total) {
        bar.maxHint(Math.max(done, total));
        bar.stepTo(done);
    }

    @Override
    public void close() {
        bar.close();
    }

    /** Whether somebody watches standard error. */
    static boolean isTerminal() {
        if (System.console() == null || "dumb".equals(System.getenv("TERM"))) {
            return false;
        }
        try {
            // From 22 on there is a console without a terminal, too; and standard error may go to a file by itself.
            Object is = Runtime.version().feature() < 22
                    ? Boolean.TRUE
                    : java.io.Console.class.getMethod("isTerminal").invoke(System.console());
            return Boolean.TRUE.equals(is) && errorIsTerminal();
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private static boolean errorIsTerminal() {
        Path link = Path.of("/proc/self/fd/2");
        try {
            return !Files.isSymbolicLink(link)
                    || Files.readSymbolicLink(link).toString().matches("/dev/(pts/|tty|console).*");
        } catch (IOException e) {
            return false;
        }
    }

    private static int columns() {
        try {
            int columns = Integer.parseInt(String.valueOf(System.getenv("COLUMNS")));
            return Math.max(COLUMNS_MIN, Math.min(COLUMNS_MAX, columns));
        } catch (NumberFormatException e) {
            return COLUMNS;
        }
    }
}
