package dev.quire.io.log;

/**
 * One thread that waits for a force. Each thread has one and uses it again, so that waiting allocates nothing; it may
 * do so only after {@link #done} is set, because until then the leader still holds it in its list.
 */
final class ForceWaiter {

    Thread thread;
    long position;
    ForceWaiter next;

    /** How many stand in the list from here on. */
    int depth;

    /** Set by the leader once the waiter is out of every list: the position is forced, or never will be. */
    volatile boolean done;
}
