package dev.construir.examples.documents;

/** The README's first program, as somebody would start it. */
final class FirstProgram {
    private FirstProgram() {}

    public static void main(String[] arguments) throws Exception {
        DocumentSamples.fiveLines();
    }
}
