package dev.quire.backup;

/** The words that a backup is called by; they are shown on terminals, so nothing in them may control one. */
final class Label {

    static final int LENGTH_MAX = 128;

    private Label() {}

    static boolean isOne(String text) {
        return text.length() <= LENGTH_MAX && text.codePoints().noneMatch(Label::controls);
    }

    private static boolean controls(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
