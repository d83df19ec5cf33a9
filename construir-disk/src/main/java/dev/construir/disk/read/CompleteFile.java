package dev.construir.disk.read;

import dev.construir.volume.VolumeEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file that has its content, its times and its mode, and not yet its name.
 *
 * @param staging where it is
 * @param part how it is called there
 * @param rights what was kept of its rights
 * @param notes what it did not get
 */
record CompleteFile(Staging staging, Path part, KeptRights rights, Notes notes) {
    /** What a file did not get of its metadata, to be reported when it is its turn. */
    static final class Notes implements HostMetadata.Findings {
        private final List<String> reasons = new ArrayList<>(0);
        private boolean changedTime;

        @Override
        public void skip(String path, String reason) {
            reasons.add(reason);
        }

        @Override
        public void changedTime() {
            changedTime = true;
        }

        void reportTo(ExtractionCounter counter, VolumeEntry entry) {
            reasons.forEach(reason -> counter.skip(entry.path(), reason));
            if (changedTime) {
                counter.changedTime();
            }
        }
    }

    void discard() throws IOException {
        staging.discard(part);
    }
}
