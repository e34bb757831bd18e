package io.lightstroke.dashboard.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
    private static Context from(String ip) {
        Context request = mock();
        when(request.ip()).thenReturn(ip);
        return request;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "[::1]", "0:0:0:0:0:0:0:1"})
    void whoeverIsOnThisMachineSeesEverybody(String ip) {
        assertTrue(Access.maySee(Access.caller(from(ip)), "p-abcdefghijkl"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "[2001:db8::7]", "::ffff:192.0.2.7"})
    void nobodyElseSeesAnybody(String ip) {
        Context request = from(ip);
        assertEquals(
                "people: want a caller on the dashboard's own machine, for there are no logins yet, got " + ip,
                assertThrows(ForbiddenResponse.class, () -> Access.caller(request))
                        .getMessage());
    }
}
