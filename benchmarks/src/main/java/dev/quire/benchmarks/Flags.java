package dev.quire.benchmarks;

/**
 * The flags of every fork: a heap of fixed size, touched before anything is measured, since the first touch of memory
 * costs several times the second on a virtual machine. The collector is the one the JDK chooses; nothing opens a
 * module.
 */
final class Flags {

    static final String HEAP_MIN = "-Xms1g";
    static final String HEAP_MAX = "-Xmx1g";
    static final String TOUCH = "-XX:+AlwaysPreTouch";

    private Flags() {}
}
