package dev.quire.io;

/**
 * What can go wrong, by the names and numbers of the Extensible Storage Engine. Its documentation of a number applies
 * here unless the Javadoc of the method that raises it says otherwise.
 */
public enum QuireError {
    /** The log holds what was not written. */
    LOG_FILE_CORRUPT(-501),
    /** The directory for a backup is not empty. */
    BACKUP_DIRECTORY_NOT_EMPTY(-504),
    /** A backup is running. */
    BACKUP_IN_PROGRESS(-505),
    /** A restore is running. */
    RESTORE_IN_PROGRESS(-506),
    /** A generation that the checkpoint needs is missing. */
    MISSING_PREVIOUS_LOG_FILE(-509),
    /** The log cannot be written. */
    LOG_WRITE_FAIL(-510),
    /** A log file is not the generation its name says. */
    LOG_GENERATION_MISMATCH(-513),
    /** A log file of a format this version does not know. */
    BAD_LOG_VERSION(-514),
    /** Logs do not follow one another. */
    INVALID_LOG_SEQUENCE(-515),
    /** The instance runs without a log. */
    LOGGING_DISABLED(-516),
    /** No generation is left to number. */
    LOG_SEQUENCE_END(-519),
    /** No backup is running. */
    NO_BACKUP(-520),
    /** A call out of order. */
    INVALID_BACKUP_SEQUENCE(-521),
    /** The instance is not ready for a backup. */
    BACKUP_NOT_ALLOWED_YET(-523),
    /** This kind of backup is not possible here, or what was given is no backup. */
    INVALID_BACKUP(-526),
    /** A log generation is missing. */
    MISSING_LOG_FILE(-528),
    /** No room for the log. */
    LOG_DISK_FULL(-529),
    /** The log belongs to another stream. */
    BAD_LOG_SIGNATURE(-530),
    /** The checkpoint file belongs to another stream. */
    BAD_CHECKPOINT_SIGNATURE(-532),
    /** The checkpoint file is not readable in any copy. */
    CHECKPOINT_CORRUPT(-533),
    /** A generation has a size other than the stream's. */
    LOG_FILE_SIZE_MISMATCH(-541),
    /** There is no checkpoint file where logs are. */
    CHECKPOINT_FILE_NOT_FOUND(-542),
    /** Log that is needed to make a database consistent is missing. */
    REQUIRED_LOG_FILES_MISSING(-543),
    /** A database out of a backup cannot be opened: it must be restored. */
    SOFT_RECOVERY_ON_BACKUP_DATABASE(-544),
    /** The database was not closed cleanly. */
    DATABASE_DIRTY_SHUTDOWN(-550),
    /** A database is older or newer than its instance. */
    CONSISTENT_TIME_MISMATCH(-551),
    /** A copied database does not belong to the backup that it is found in. */
    DATABASE_PATCH_FILE_MISMATCH(-552),
    /** The last log of a restore lies before what the database needs. */
    ENDING_RESTORE_LOG_TOO_LOW(-553),
    /** The first log of a restore lies behind what the database needs. */
    STARTING_RESTORE_LOG_TOO_HIGH(-554),
    /** A log of the backup belongs to another stream. */
    GIVEN_LOG_FILE_HAS_BAD_SIGNATURE(-555),
    /** The logs of the backup do not follow one another. */
    GIVEN_LOG_FILE_IS_NOT_CONTIGUOUS(-556),
    /** A log of the backup is missing. */
    MISSING_RESTORE_LOG_FILES(-557),
    /** There is no full backup to build on. */
    MISSING_FULL_BACKUP(-560),
    /** A database in a backup has the wrong size. */
    BAD_BACKUP_DATABASE_SIZE(-561),
    /** Of the log behind a restored backup a generation is missing. */
    MISSING_CURRENT_LOG_FILES(-565),
    /** A page is older than the log says: a write was lost. */
    DATABASE_TIME_TOO_OLD(-566),
    /** A page is newer than the log can explain. */
    DATABASE_TIME_TOO_NEW(-567),
    /** A file that the backup needs is missing. */
    MISSING_FILE_TO_BACKUP(-569),
    /** A log of the backup is torn. */
    LOG_TORN_WRITE_DURING_HARD_RESTORE(-570),
    /** A log of the backup is corrupt. */
    LOG_CORRUPT_DURING_HARD_RESTORE(-573),
    /** Log behind a restored backup is corrupt. */
    LOG_CORRUPT_DURING_HARD_RECOVERY(-574),
    /** Log that was acknowledged is missing; databases are consistent without it. */
    COMMITTED_LOG_FILES_MISSING(-582),
    /** Log behind a restored backup belongs to another stream. */
    EXISTING_LOG_FILE_HAS_BAD_SIGNATURE(-610),
    /** Log behind a restored backup does not follow it. */
    EXISTING_LOG_FILE_IS_NOT_CONTIGUOUS(-611),
    /** The log failed verification while it was read. */
    LOG_READ_VERIFY_FAILURE(-612),
    /** The checkpoint is held back too far. */
    CHECKPOINT_DEPTH_TOO_DEEP(-614),
    /** What is to be restored is not a backup. */
    RESTORE_OF_NON_BACKUP_DATABASE(-615),
    /** A log was not copied yet. */
    LOG_FILE_NOT_COPIED(-616),
    /** A transaction is larger than memory or log allow. */
    TRANSACTION_TOO_LONG(-618),
    /** The caller ended the backup. */
    BACKUP_ABORT_BY_CALLER(-800),
    /** The backup was stopped from elsewhere. */
    BACKUP_ABORT_BY_SERVER(-801),
    /** Options that contradict one another or are reserved. */
    INVALID_GRBIT(-900),
    /** The instance is being closed. */
    TERM_IN_PROGRESS(-1000),
    /** An argument out of range. */
    INVALID_PARAMETER(-1003),
    /** No memory within the configured budget. */
    OUT_OF_MEMORY(-1011),
    /** A page does not verify. */
    READ_VERIFY_FAILURE(-1018),
    /** A page is all zero where one is expected. */
    PAGE_NOT_INITIALIZED(-1019),
    /** The disk failed. */
    DISK_IO(-1022),
    /** A path does not exist or cannot be used. */
    INVALID_PATH(-1023),
    /** A key is longer than the table allows. */
    KEY_TOO_BIG(-408),
    /** A record is longer than a table takes. */
    RECORD_TOO_BIG(-1026),
    /** Too many databases. */
    TOO_MANY_ATTACHED_DATABASES(-1805),
    /** The instance is not open. */
    NOT_INITIALIZED(-1029),
    /** A file cannot be opened: another process or permissions. */
    FILE_ACCESS_DENIED(-1032),
    /** Transactions are still open. */
    TOO_MANY_ACTIVE_USERS(-1059),
    /** Somebody else uses this directory. */
    SYSTEM_PATH_IN_USE(-1083),
    /** Settings contradict one another. */
    SYSTEM_PARAMETER_CONFLICT(-1087),
    /** A fatal error made the instance unusable for this. */
    INSTANCE_UNAVAILABLE(-1090),
    /** A page with the wrong number in it. */
    READ_PAGE_NUMBER_VERIFY_FAILURE(-1118),
    /** The database exists already. */
    DATABASE_DUPLICATE(-1201),
    /** The database is in use. */
    DATABASE_IN_USE(-1202),
    /** There is no such database. */
    DATABASE_NOT_FOUND(-1203),
    /** The name of a database is not allowed. */
    DATABASE_INVALID_NAME(-1204),
    /** The database is damaged. */
    DATABASE_CORRUPTED(-1206),
    /** The format of the database is not one this version knows. */
    INVALID_DATABASE_VERSION(-1209),
    /** An attached database is missing or another one. */
    ATTACHED_DATABASE_MISMATCH(-1216),
    /** A database with this signature is attached already. */
    DATABASE_SIGN_IN_USE(-1222),
    /** There is no such table or restore point. */
    OBJECT_NOT_FOUND(-1305),
    /** The table exists already. */
    OBJECT_DUPLICATE(-1303),
    /** The name of a table is not allowed. */
    INVALID_NAME(-1002),
    /** The instance was asked to stop. */
    CLIENT_REQUEST_TO_STOP_SERVICE(-1329),
    /** There is no such key. */
    RECORD_NOT_FOUND(-1601),
    /** The disk is full. */
    DISK_FULL(-1808),
    /** We may not. */
    PERMISSION_DENIED(-1809),
    /** There is no such file. */
    FILE_NOT_FOUND(-1811),
    /** It is not a regular file. */
    FILE_INVALID_TYPE(-1812),
    /** The name is taken. */
    FILE_ALREADY_EXISTS(-1814),
    /** A session used by two threads. */
    SESSION_SHARING_VIOLATION(-1910),
    ;

    private final int number;

    QuireError(int number) {
        this.number = number;
    }

    /** The number that the Extensible Storage Engine gives it. */
    public int number() {
        return number;
    }
}
