package dev.quire.io.sim;

/** What a power cut leaves of everything that no force covered; the seed decides where there is a choice. */
public enum CrashPolicy {
    /** All of it. */
    ALL,
    /** Nothing of it. */
    NONE,
    /** What came before some moment; of the write at that moment the first sectors. */
    PREFIX,
    /** Any operations. */
    RANDOM_OPS,
    /** Only the last operation. */
    LAST_ONLY,
    /** All but one operation. */
    ALL_BUT_ONE,
    /** Of each write any sectors. */
    TORN_SECTORS,
    /** Any writes; space that files grew into holds what was on the medium before: old bytes of other files, noise. */
    STALE_SPACE,
    /** Files have grown, but to zeros; no write has arrived. */
    SIZE_WITHOUT_DATA,
    /** Writes have arrived, but files are as short as they were. */
    DATA_WITHOUT_SIZE,
    /** All names, no contents. */
    NAMES_WITHOUT_DATA,
    /** All contents, no names. */
    DATA_WITHOUT_NAMES
}
