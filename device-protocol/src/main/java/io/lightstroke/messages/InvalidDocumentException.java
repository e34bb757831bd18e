package io.lightstroke.messages;

import java.util.List;

/** A document breaks its schema. Holds every mistake, each with its path in the document, what was wanted and what came. */
public final class InvalidDocumentException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> mistakes;

    public InvalidDocumentException(String document, List<String> mistakes) {
        super(document + ":\n  " + String.join("\n  ", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    public List<String> mistakes() {
        return mistakes;
    }
}
