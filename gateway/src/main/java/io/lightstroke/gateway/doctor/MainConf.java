package io.lightstroke.gateway.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * bluetoothd's settings.
 *
 * @param readable whether the file could be read
 * @param sections by name, each with its values by key
 */
record MainConf(boolean readable, Map<String, Map<String, String>> sections) {
    static final String FILE = "/etc/bluetooth/main.conf";

    private static final Pattern SECTION = Pattern.compile("\\[([^]]*)].*");
    private static final Pattern SETTING = Pattern.compile("\\s*([A-Za-z]+)\\s*=\\s*(\\S*)\\s*");

    static MainConf read(Path root) {
        Map<String, Map<String, String>> sections = new LinkedHashMap<>();
        Map<String, String> section = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(root.resolve(FILE.substring(1)), StandardCharsets.UTF_8)) {
                Matcher name = SECTION.matcher(line);
                Matcher setting = SETTING.matcher(line);
                if (name.matches()) {
                    section = sections.computeIfAbsent(name.group(1), key -> new LinkedHashMap<>());
                } else if (setting.matches()) {
                    section.put(setting.group(1), setting.group(2));
                }
            }
            return new MainConf(true, sections);
        } catch (IOException e) {
            return new MainConf(false, Map.of());
        }
    }

    Optional<String> value(String section, String key) {
        return Optional.ofNullable(sections.getOrDefault(section, Map.of()).get(key));
    }

    /** Empty too when it is no number: then bluetoothd takes its default. */
    Optional<Integer> number(String section, String key) {
        return value(section, key).filter(value -> value.matches("\\d{1,9}")).map(Integer::valueOf);
    }

    /** What was found, in words. */
    String seen(String section, String key) {
        return !readable
                ? FILE + " cannot be read"
                : value(section, key)
                        .map(value -> "%s = %s in %s".formatted(key, value, FILE))
                        .orElse("%s not set in %s".formatted(key, FILE));
    }

    /** The command that sets it. */
    String edit(String section, String key, int wanted) {
        String edit;
        if (value(section, key).isPresent()) {
            // The section ends at the next one: the same key may stand in another.
            edit = "sudo sed -i '/^\\[%s\\]/,/^\\[/s/^[[:space:]]*%s[[:space:]]*=.*/%s = %d/' %s"
                    .formatted(section, key, key, wanted, FILE);
        } else if (sections.containsKey(section)) {
            edit = "sudo sed -i '/^\\[%s\\]/a %s = %d' %s".formatted(section, key, wanted, FILE);
        } else {
            edit = "printf '[%s]\\n%s = %d\\n' | sudo tee -a %s".formatted(section, key, wanted, FILE);
        }
        return edit + " && sudo systemctl restart bluetooth";
    }
}
