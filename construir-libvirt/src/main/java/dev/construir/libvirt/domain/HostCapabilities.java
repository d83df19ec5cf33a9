package dev.construir.libvirt.domain;

import dev.construir.machine.Architecture;
import java.io.IOException;
import java.io.StringReader;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/**
 * What a libvirt says of its host (formatcaps in libvirt's documentation): what it would try, which need not work.
 *
 * @param types the types of domains that are offered for each architecture
 * @param labelsFiles whether a domain may name the user that it runs as: libvirt has the security model {@code dac}
 */
public record HostCapabilities(Map<Architecture, Set<DomainType>> types, boolean labelsFiles) {
    /**
     * Copies the map.
     *
     * @param types see {@link #types()}
     * @param labelsFiles see {@link #labelsFiles()}
     */
    public HostCapabilities {
        types = Map.copyOf(types);
    }

    /**
     * Reads a document.
     *
     * @param xml the capabilities
     * @return what matters of them
     * @throws IOException if it is no such document
     */
    public static HostCapabilities of(String xml) throws IOException {
        Element root = parse(xml).getDocumentElement();
        Map<Architecture, Set<DomainType>> types = new EnumMap<>(Architecture.class);
        for (Element arch : descendants(root, "arch")) {
            if ("guest".equals(arch.getParentNode().getNodeName())) {
                known(arch.getAttribute("name"), types, arch);
            }
        }
        boolean dac = descendants(root, "model").stream()
                .anyMatch(model -> "secmodel".equals(model.getParentNode().getNodeName())
                        && "dac".equals(model.getTextContent().strip()));
        return new HostCapabilities(types, dac);
    }

    /**
     * Returns whether a type of domain is offered.
     *
     * @param type the type
     * @param architecture the guest's architecture
     * @return whether libvirt would try it
     */
    public boolean offers(DomainType type, Architecture architecture) {
        return types.getOrDefault(architecture, Set.of()).contains(type);
    }

    private static void known(String name, Map<Architecture, Set<DomainType>> types, Element arch) {
        Set<String> offered = new HashSet<>();
        descendants(arch, "domain").forEach(domain -> offered.add(domain.getAttribute("type")));
        for (Architecture architecture : Architecture.values()) {
            if (architecture.name().equalsIgnoreCase(name)) {
                Set<DomainType> known = EnumSet.noneOf(DomainType.class);
                for (DomainType type : DomainType.values()) {
                    if (offered.contains(type.libvirtName())) {
                        known.add(type);
                    }
                }
                types.put(architecture, known);
            }
        }
    }

    private static Set<Element> descendants(Element of, String name) {
        Set<Element> found = new HashSet<>();
        NodeList nodes = of.getElementsByTagName(name);
        for (int i = 0; i < nodes.getLength(); i++) {
            Node node = nodes.item(i);
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    private static Document parse(String xml) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            DocumentBuilder parser = factory.newDocumentBuilder();
            parser.setErrorHandler(new DefaultHandler()); // the usual one prints
            return parser.parse(new InputSource(new StringReader(xml)));
        } catch (ParserConfigurationException | SAXException e) {
            throw new IOException("libvirt's capabilities are no XML: " + e.getMessage(), e);
        }
    }
}
