package dev.quire;

/** What a commit waits for. */
public enum Durability {

    /** Commit returns when a crash, a power cut included, cannot take the transaction back. The default. */
    DURABLE,

    /**
     * Commit returns at once, and readers see it at once. It becomes durable within some tens of milliseconds, or with
     * the next durable commit; a crash before that takes it back, together with everything committed after it.
     */
    LAZY
}
