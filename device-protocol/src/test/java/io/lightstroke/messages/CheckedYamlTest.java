package io.lightstroke.messages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CheckedYamlTest {
    record Kitchen(
            String name, @Nullable Oven oven, @Nullable List<Pot> pots) {}

    record Oven(int maxCelsius, @Nullable String mode) {}

    record Pot(double litres) {
        Pot {
            if (litres > 50) {
                throw new IllegalArgumentException("pot: want at most 50 litres, got " + litres);
            }
        }
    }

    private final CheckedYaml<Kitchen> kitchens = new CheckedYaml<>(Kitchen.class, "kitchen.schema.json");

    @Test
    void readsWhatIsRight() throws InvalidDocumentException {
        assertEquals(
                new Kitchen("galley", new Oven(250, "fan"), List.of(new Pot(2.5), new Pot(1))),
                kitchens.read("k.yaml", """
                        name: galley
                        oven: {max_celsius: 250, mode: fan}
                        pots:
                          - litres: 2.5
                          - litres: 1
                        """));
        assertEquals(new Kitchen("galley", null, null), kitchens.read("k.yaml", "name: galley"));
    }

    @Test
    void listsEveryMistakeWithPathWantedAndCame() {
        assertEquals(
                List.of(
                        "name: want a name of a-z, got \"Galley 7\"",
                        "oven.max_celsius: want 50 to 300 degrees, got 900",
                        "oven.mode: want one of [\"fan\",\"grill\"], got \"steam\"",
                        "pots[0].litres: want litres above 0, got \"big\"",
                        "pots[1].lid: want one of litres, got an unknown name",
                        "pots[1].litres: want litres above 0, got nothing"),
                mistakes("""
                        name: Galley 7
                        oven: {max_celsius: 900, mode: steam}
                        pots:
                          - litres: big
                          - lid: glass
                        """));
    }

    @Test
    void theMessageNamesTheDocumentAndAllMistakes() {
        InvalidDocumentException e =
                assertThrows(InvalidDocumentException.class, () -> kitchens.read("conf/k.yaml", "name: 7\noven: {}"));
        assertEquals("""
                conf/k.yaml:
                  name: want a name of a-z, got 7
                  oven.max_celsius: want 50 to 300 degrees, got nothing""", e.getMessage());
    }

    @Test
    void unknownName() {
        assertEquals(
                List.of("stove: want one of name, oven, pots, got an unknown name"),
                mistakes("name: galley\nstove: gas"));
    }

    @Test
    void wrongTypeOfTheWholeDocument() {
        assertEquals(List.of("document: want a value of type object, got [1,2]"), mistakes("[1, 2]"));
    }

    @Test
    void anEmptyDocumentLacksWhatIsRequired() {
        for (String empty : List.of("", "# nothing but words\n", "---\n", "null")) {
            assertEquals(List.of("name: want a name of a-z, got nothing"), mistakes(empty), empty);
        }
    }

    @Test
    void nameGivenTwice() {
        List<String> mistakes = mistakes("name: galley\noven: {max_celsius: 100}\nname: mess\n");
        assertEquals(1, mistakes.size());
        assertTrue(mistakes.get(0).startsWith("line 3, "), mistakes::toString);
        assertTrue(mistakes.get(0).contains("'name'"), mistakes::toString);
    }

    @Test
    void brokenSyntaxIsSaidWithItsLine() {
        List<String> mistakes = mistakes("name: galley\npots: [1, 2\noven: {}\n");
        assertEquals(1, mistakes.size());
        assertTrue(mistakes.get(0).startsWith("line 3, column "), mistakes::toString);
    }

    @Test
    void aSecondDocumentIsNotPassedOver() {
        assertEquals(1, mistakes("name: galley\n---\nname: mess\n").size());
    }

    @Test
    void whatOnlyTheTypeRefusesIsSaidWithItsPath() {
        assertEquals(
                List.of("pots[1]: pot: want at most 50 litres, got 80.0"),
                mistakes("name: galley\npots: [{litres: 3}, {litres: 80}]"));
    }

    private List<String> mistakes(String yaml) {
        return assertThrows(InvalidDocumentException.class, () -> kitchens.read("k.yaml", yaml))
                .mistakes();
    }
}
