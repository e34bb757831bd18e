package io.lightstroke.dashboard.command;

import io.lightstroke.gateway.link.BlueZ;
import io.lightstroke.gateway.link.LinkException;
import io.lightstroke.gateway.link.PasskeyPrompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lightstroke pair}: a pairing with a tool, in which a passkey shows that it is this tool. */
@Command(
        name = "pair",
        description =
                "Pairs this machine with a tool, so that the tool talks to this machine alone, and it to this tool.",
        footer = {
            "",
            "The passkey has six digits: the tool shows it, or it is printed on the tool. A pairing in which none was"
                    + " entered or compared could be with anything near that calls itself a tool: it is undone, and the"
                    + " exit code is 1, unless --just-works is given."
        })
final class Pair implements Callable<Integer> {
    private static final Duration LISTEN = Duration.ofSeconds(5);
    private static final Duration PERSON_LIMIT = Duration.ofMinutes(2);
    static final Pattern ADDRESS = Pattern.compile("(?:[0-9A-F]{2}:){5}[0-9A-F]{2}");

    private final BufferedReader in;

    @Parameters(
            paramLabel = "ADDRESS",
            arity = "0..1",
            description = "The tool's Bluetooth address. Default: the one tool that is heard, or a choice of several.")
    private @Nullable String wanted;

    @Option(
            names = "--passkey",
            paramLabel = "N",
            description = "The tool's passkey, for scripts. Default: it is asked for.")
    private @Nullable Integer passkey;

    @Option(
            names = "--just-works",
            description = "Accept a pairing without a passkey, for tools that have none. It keeps listeners out from"
                    + " then on, but proves nothing about who the other side is: pair where nobody else is near.")
    private boolean justWorks;

    @Option(
            names = "--adapter",
            paramLabel = "NAME",
            description = "For example hci0, or its address. Default: the first powered one.")
    private @Nullable String adapterName;

    @Option(names = "--remove", description = "End the pairing with ADDRESS on this machine.")
    private boolean remove;

    @Spec
    private CommandSpec spec;

    /** @param in answers questions */
    @SuppressWarnings("NullAway.Init") // picocli sets the spec
    Pair(InputStream in) {
        this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public Integer call() throws Exception {
        String address = checkedAddress();
        if (passkey != null && (passkey < 0 || passkey > 999_999)) {
            throw new ParameterException(spec.commandLine(), "--passkey: want 0 to 999999, got " + passkey);
        }
        try (BlueZ bluez = new BlueZ(BlueZ.systemBus())) {
            BlueZ.Adapter adapter = bluez.poweredAdapter(adapterName);
            if (remove) {
                return remove(bluez, adapter, address);
            }
            if (address == null) {
                address = choose(bluez, adapter);
            }
            return address == null ? Lightstroke.FAILED : pair(bluez, adapter, address);
        }
    }

    private @Nullable String checkedAddress() {
        String address = wanted == null ? null : wanted.toUpperCase(Locale.ROOT);
        if (address != null && !ADDRESS.matcher(address).matches()) {
            throw new ParameterException(spec.commandLine(), "ADDRESS: want one like 02:4C:53:00:00:01, got " + wanted);
        }
        if (address == null && remove) {
            throw new ParameterException(spec.commandLine(), "--remove: want an ADDRESS, got none");
        }
        return address;
    }

    private int remove(BlueZ bluez, BlueZ.Adapter adapter, @Nullable String address)
            throws LinkException, InterruptedException {
        if (address == null || !bluez.removeBond(adapter, address)) {
            err().printf("%s: %s is not paired with %s%n", spec.qualifiedName(), address, adapter.name());
            return Lightstroke.FAILED;
        }
        out().printf("The pairing with %s is ended on this machine; the tool may want to be told as well.%n", address);
        return Lightstroke.OK;
    }

    /** Null when there is nothing to choose, which is said. */
    private @Nullable String choose(BlueZ bluez, BlueZ.Adapter adapter)
            throws LinkException, InterruptedException, IOException {
        err().printf("Listening for %d s …%n", LISTEN.toSeconds());
        List<BlueZ.Device> heard = bluez.scan(adapter, LISTEN).stream()
                .filter(device -> !device.paired())
                .toList();
        if (heard.isEmpty()) {
            err().printf(
                            "%s: no tool heard that is not paired yet. Is it switched on, near, and ready to pair?%n",
                            spec.qualifiedName());
            return null;
        }
        for (int i = 0; i < heard.size(); i++) {
            err().printf(
                            "%2d  %s  %s%n",
                            i + 1, heard.get(i).address(), heard.get(i).name());
        }
        if (heard.size() == 1) {
            return heard.get(0).address();
        }
        String answer = ask("Which one, 1 to %d? ".formatted(heard.size()));
        for (int i = 0; i < heard.size(); i++) {
            if (answer.equals(Integer.toString(i + 1))) {
                return heard.get(i).address();
            }
        }
        err().printf("%s: want 1 to %d or an ADDRESS, got %s%n", spec.qualifiedName(), heard.size(), said(answer));
        return null;
    }

    private int pair(BlueZ bluez, BlueZ.Adapter adapter, String address) throws LinkException, InterruptedException {
        if (bluez.paired(adapter, address)) {
            err().printf(
                            "%s: %s is paired already; pair --remove %s ends that%n",
                            spec.qualifiedName(), address, address);
            return Lightstroke.FAILED;
        }
        boolean compared = bluez.pair(adapter, address, new Terminal(), PERSON_LIMIT);
        if (!compared && !justWorks) {
            bluez.removeBond(adapter, address);
            err().printf(
                            "%s: %s asked for no passkey, so this could have been anything near; the pairing is undone."
                                    + " For a tool that has no passkey: --just-works%n",
                            spec.qualifiedName(), address);
            return Lightstroke.FAILED;
        }
        out().printf(
                        "Paired with %s %s.%n",
                        address, compared ? "by passkey" : "without a passkey: nothing has shown that it is this tool");
        out().println("The gateway lets it in once its address is among the tools of the configuration.");
        return Lightstroke.OK;
    }

    /** The person at the terminal, or the option in its place. */
    private final class Terminal implements PasskeyPrompt {
        @Override
        public OptionalInt enter(String tool) {
            if (passkey != null) {
                return OptionalInt.of(passkey);
            }
            String answer = answer("The passkey that %s shows, or that is printed on it: ".formatted(tool));
            if (answer.matches("\\d{1,6}")) {
                return OptionalInt.of(Integer.parseInt(answer));
            }
            err().printf("want six digits, got %s%n", said(answer));
            return OptionalInt.empty();
        }

        @Override
        public boolean compare(String tool, int shown) {
            return passkey != null
                    ? shown == passkey
                    : answer("Does %s show %06d? [y/N] ".formatted(tool, shown))
                            .toLowerCase(Locale.ROOT)
                            .startsWith("y");
        }

        @Override
        public void show(String tool, int shown) {
            err().printf("Enter %06d on %s.%n", shown, tool);
        }

        private String answer(String question) {
            try {
                return ask(question);
            } catch (IOException e) {
                return "";
            }
        }
    }

    private String ask(String question) throws IOException {
        err().print(question);
        err().flush();
        String line = in.readLine();
        return line == null ? "" : line.strip();
    }

    private static String said(String answer) {
        return answer.isEmpty() ? "nothing" : answer;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
