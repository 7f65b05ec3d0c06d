package dev.quire.durable;

/** The words that a backup or a restore point is called by: shown on terminals, so nothing in them may control one. */
public final class Label {

    /** Most characters. */
    public static final int LENGTH_MAX = 128;

    private Label() {}

    /** Whether a text, maybe an empty one, can be a label. */
    public static boolean isOne(String text) {
        return text.length() <= LENGTH_MAX && text.codePoints().noneMatch(Label::controls);
    }

    /** What was expected of a text that is none, and what was found; not the text, which may control something. */
    public static String fault(String text) {
        String expected = "expected at most " + LENGTH_MAX + " characters, and none that controls anything; found ";
        return expected
                + text.codePoints()
                        .filter(Label::controls)
                        .mapToObj(each -> String.format("U+%04X", each))
                        .findFirst()
                        .orElse(text.length() + " characters");
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
