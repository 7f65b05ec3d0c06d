package dev.quire.backup;

/** How far an external backup is, and what may be called then: the whole of its order. To end it is always possible. */
enum SeriesState {
    /** The databases are being read. */
    DATABASES(Call.DATABASES, Call.OPEN_DATABASE, Call.LOG_FILES),
    /** There are no databases to be read, and the log is not closed yet. */
    LOG_DUE(Call.LOG_FILES),
    /** The log is closed and being read. */
    LOG(Call.LOG_FILES, Call.OPEN_LOG, Call.TRUNCATE_INFO, Call.TRUNCATE, Call.MANIFEST),
    /** Everything was read, what it is has been decided: the manifest says so. */
    MANIFEST(Call.TRUNCATE_INFO, Call.MANIFEST, Call.OPEN_MANIFEST),
    /** Over. */
    ENDED;

    /** What can be called. */
    enum Call {
        DATABASES,
        OPEN_DATABASE,
        LOG_FILES,
        OPEN_LOG,
        TRUNCATE_INFO,
        TRUNCATE,
        MANIFEST,
        OPEN_MANIFEST
    }

    /** One bit each. */
    private final int calls;

    SeriesState(Call... calls) {
        int bits = 0;
        for (Call call : calls) {
            bits |= 1 << call.ordinal();
        }
        this.calls = bits;
    }

    boolean allows(Call call) {
        return (calls & 1 << call.ordinal()) != 0;
    }
}
