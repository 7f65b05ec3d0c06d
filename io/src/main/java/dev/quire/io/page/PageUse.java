package dev.quire.io.page;

/**
 * What the pages of a database are used for, in the codes of its allocation maps; two bits a page. It answers for any
 * number: {@link #FREE} outside of the database.
 */
@FunctionalInterface
public interface PageUse {

    /** Nobody uses it; its bytes mean nothing. */
    int FREE = 0;

    /** One page. */
    int PAGE = 1;

    /** An extent starts here. */
    int HEAD = 2;

    /** Belongs to the extent that starts at the nearest head before. */
    int INSIDE = 3;

    /** One of the four. */
    int at(long page);
}
