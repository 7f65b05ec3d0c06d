package dev.quire.backup.socket;

/** What can be said. Who pulls asks, who offers answers; numbers stay. */
enum Message {
    /** A piece of the manifest of a backup that is stored where this one goes; more of it follows. */
    STORED_PIECE(1),
    /** The last piece of one. */
    STORED_END(2),
    /** {@link BeginLayout}; answered by {@link #BEGUN}. */
    BEGIN(3),
    /** Answered by {@link #FILE}s and {@link #DONE}. */
    DATABASES(4),
    /** The same of the log, which is closed by it the first time. */
    LOG_FILES(5),
    /** A name, in UTF-8; answered by {@link #DATA} and {@link #ZEROS}, and {@link #DONE} at the end of the file. */
    READ(6),
    /** Answered by {@link #DONE}. */
    TRUNCATE(7),
    /** Answered by one {@link #FILE} and {@link #DONE}. */
    MANIFEST(8),
    /** All is stored; answered by {@link #DONE} with the number of generations of the log that went. */
    END(9),
    /** He still stores what he has, and will go on; answered by {@link #DONE}. */
    STAY(10),

    /** The directory of the instance, in UTF-8; comes by itself behind the hello. */
    WELCOME(64),
    /** {@link BegunLayout}. */
    BEGUN(65),
    /** {@link FileLayout}. */
    FILE(66),
    /** Bytes of a file. */
    DATA(67),
    /** {@link CountLayout}: so many bytes of a file that nobody uses. */
    ZEROS(68),
    /** {@link CountLayout}, 0 where nothing else is said: the end of an answer. */
    DONE(69),
    /** {@link FailureLayout}; the last thing that is said. */
    FAILURE(70);

    private final int number;

    Message(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The one of that number, or null. */
    static Message of(int number) {
        for (Message each : values()) {
            if (each.number == number) {
                return each;
            }
        }
        return null;
    }
}
