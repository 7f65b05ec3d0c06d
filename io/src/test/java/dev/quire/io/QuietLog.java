package dev.quire.io;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps what thousands of backups and recoveries would tell out of the output of the tests; found as a service. */
public final class QuietLog implements BeforeAllCallback {

    /** Held, or the level would go with the logger. */
    private static final Logger LOGGER = Logger.getLogger(Events.LOGGER);

    static {
        LOGGER.setLevel(Level.OFF);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // being loaded is enough
    }
}
