package dev.quire;

import java.util.List;

/**
 * What a check found.
 *
 * @param databases how many were checked
 * @param pages pages in use that were read and verified
 * @param tables tables walked
 * @param entries entries in them
 * @param faults everything that is wrong, empty if nothing is
 */
public record CheckReport(int databases, long pages, int tables, long entries, List<Fault> faults) {

    /**
     * One thing that is wrong.
     *
     * @param database where
     * @param page the page concerned, -1 if it is none
     * @param message what was expected and what was found
     */
    public record Fault(String database, long page, String message) {

        @Override
        public String toString() {
            return database + (page < 0 ? "" : " page " + page) + ": " + message;
        }
    }

    /** Whether nothing is wrong. */
    public boolean isSound() {
        return faults.isEmpty();
    }
}
