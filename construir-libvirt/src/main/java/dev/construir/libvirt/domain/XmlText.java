package dev.construir.libvirt.domain;

import java.io.StringWriter;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Writes an XML document, an element a line. All escaping is done by the JDK's writer; what XML cannot carry is
 * refused.
 */
final class XmlText {
    private final StringWriter text = new StringWriter();
    private final XMLStreamWriter writer;
    private int depth;

    /** What is inside an element. */
    @FunctionalInterface
    interface Content {
        void write() throws XMLStreamException;
    }

    private XmlText() throws XMLStreamException {
        writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
    }

    /** A part of a document. */
    @FunctionalInterface
    interface Part {
        void write(XmlText xml) throws XMLStreamException;
    }

    /**
     * Writes a document.
     *
     * @throws IllegalArgumentException if a value has a character that XML cannot carry
     */
    static String of(Part document) {
        try {
            XmlText xml = new XmlText();
            document.write(xml);
            xml.writer.close();
            return xml.text.toString().stripLeading() + "\n";
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a text in memory could not be written", e);
        }
    }

    /** Writes an element with attributes, names and values in turn, and content. */
    void element(String name, List<String> attributes, Content content) throws XMLStreamException {
        line();
        writer.writeStartElement(name);
        attributes(attributes);
        depth++;
        content.write();
        depth--;
        line();
        writer.writeEndElement();
    }

    /** Writes an element of attributes, names and values in turn. */
    void empty(String name, String... attributes) throws XMLStreamException {
        line();
        writer.writeEmptyElement(name);
        attributes(List.of(attributes));
    }

    /** Writes an element with attributes, names and values in turn, and a text. */
    void text(String name, String content, String... attributes) throws XMLStreamException {
        line();
        writer.writeStartElement(name);
        attributes(List.of(attributes));
        writer.writeCharacters(checked(content));
        writer.writeEndElement();
    }

    private void attributes(List<String> attributes) throws XMLStreamException {
        for (int i = 0; i < attributes.size(); i += 2) {
            writer.writeAttribute(attributes.get(i), checked(attributes.get(i + 1)));
        }
    }

    private void line() throws XMLStreamException {
        writer.writeCharacters("\n" + "  ".repeat(depth));
    }

    // Tabs and line ends would be legal, but every reader of an attribute changes them (XML 1.0, 3.3.3).
    private static String checked(String value) {
        boolean carried = value.codePoints()
                .allMatch(c -> c >= ' ' && c != 0x7f && !(c >= 0xd800 && c <= 0xdfff) && c != 0xfffe && c != 0xffff);
        if (!carried) {
            throw new IllegalArgumentException("it has a control character, or one that is none");
        }
        return value;
    }
}
