package io.lightstroke.simulator;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toUnmodifiableSet;

import io.lightstroke.protocol.Gatt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;

/** A program: the simulated tool of {@link Central} behind standard input and output, as docs/pipe.md says. */
final class ToolBehindPipe {
    private static final HexFormat HEX = HexFormat.of();
    private static final Set<UUID> ALL =
            Gatt.TABLE.stream().map(Gatt.Characteristic::uuid).collect(toUnmodifiableSet());

    private ToolBehindPipe() {}

    public static void main(String[] args) throws IOException {
        SimulatedTool tool =
                new SimulatedTool(Central.IDENTITY, Scenario.builtIn(args[0]), Long.parseLong(args[1]), Central.BOOT);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            String answer = "ok";
            try {
                switch (words[0]) {
                    case "hello" -> {
                        System.out.println("name " + tool.identity().name());
                        for (Gatt.Characteristic row : tool.characteristics()) {
                            System.out.printf(
                                    "characteristic %s %s%n",
                                    row.name(),
                                    row.properties().stream()
                                            .map(Gatt.Property::word)
                                            .collect(joining(",")));
                        }
                    }
                    case "time" -> tool.advanceTo(Long.parseLong(words[1]));
                    case "connect" ->
                        tool.connect(Integer.parseInt(words[1]), ALL, new Tool.Central() {
                            @Override
                            public void notified(UUID from, byte[] value) {
                                System.out.println(
                                        "notify " + Gatt.of(from).orElseThrow().name() + " " + HEX.formatHex(value));
                            }

                            @Override
                            public void lost() {
                                System.out.println("lost");
                            }
                        });
                    case "disconnect" -> tool.disconnect();
                    case "reboot" -> tool.reboot();
                    case "read" ->
                        answer = "ok "
                                + HEX.formatHex(tool.read(
                                        Gatt.named(words[1]).orElseThrow().uuid()));
                    case "write" ->
                        tool.write(
                                Gatt.named(words[1]).orElseThrow().uuid(),
                                HEX.parseHex(words.length > 2 ? words[2] : ""));
                    default -> answer = "refused unknown command";
                }
            } catch (IllegalArgumentException e) {
                answer = "refused " + e.getMessage();
            }
            System.out.println(answer);
        }
    }
}
