package io.lightstroke.gateway.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BoundedMemoryTest {
    /** Fields, array elements and collection elements that can be reached from {@code root}. */
    private static long retained(Object root) throws IllegalAccessException {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> todo = new ArrayDeque<>();
        todo.add(root);
        long count = 0;
        while (!todo.isEmpty()) {
            Object object = todo.remove();
            if (!seen.add(object)) {
                continue;
            }
            if (object instanceof Collection<?> collection) {
                count += collection.size();
                todo.addAll(collection);
            } else if (object.getClass().isArray()) {
                int length = Array.getLength(object);
                count += length;
                for (int i = 0; i < length && object instanceof Object[]; i++) {
                    reach(Array.get(object, i), todo);
                }
            } else if (object.getClass().getName().startsWith("io.lightstroke")) {
                for (Field field : object.getClass().getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        count++;
                        field.setAccessible(true);
                        reach(field.getType().isPrimitive() ? null : field.get(object), todo);
                    }
                }
            }
        }
        return count;
    }

    private static void reach(Object value, Deque<Object> todo) {
        if (value != null) {
            todo.add(value);
        }
    }

    @Test
    void anHourOfSamplesNeedsNoMoreThanTenMinutes() throws IllegalAccessException {
        Hand hand = Hand.settled().noisy(0.05, 7);
        work(hand, 10);
        long after10Min = retained(hand.engine);
        assertTrue(after10Min > 1000, "the filters' rings are reached: " + after10Min);
        work(hand, 50);
        assertEquals(after10Min, retained(hand.engine));
    }

    /** Strokes, touches, holds, over-pressures, gaps, taps on the screen, and strokes that only the tool found. */
    private static void work(Hand hand, int minutes) {
        for (int minute = 0; minute < minutes; minute++) {
            hand.events.clear();
            hand.zones.clear();
            for (int i = 0; i < 10; i++) {
                hand.stroke(4, 0.2, 0.5).press(0, 0.2).stroke(12, 0.2, 0.5).press(0, 0.3);
                hand.engine.toolStroke(new ToolStroke(Hand.BOOT, hand.index - 10, 30, 1));
                hand.engine.toolStroke(new ToolStroke(Hand.BOOT, hand.index - 45, 30, 1));
            }
            hand.press(3, 0.4)
                    .lose(20)
                    .press(3, 7)
                    .invalid(60)
                    .press(0, 4)
                    .nextSpot()
                    .press(6, 16);
        }
    }
}
