package io.lightstroke.dashboard.web;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The one place that is asked who a caller is and whom they may see. Without users yet, every caller on this machine is the
 * practitioner, and nobody else sees anybody, though the dashboard be open.
 */
final class Access {
    /** @param name as the logs call them */
    record Caller(String name) {}

    private static final Caller PRACTITIONER = new Caller("practitioner");

    private Access() {}

    /** @throws ForbiddenResponse what is kept of people is not for this caller */
    static Caller caller(Context request) {
        if (!isOfThisMachine(request.ip())) {
            throw new ForbiddenResponse(
                    "people: want a caller on the dashboard's own machine, for there are no logins yet, got "
                            + request.ip());
        }
        return PRACTITIONER;
    }

    /** Whether the caller may read and change what is kept of a person. */
    static boolean maySee(Caller caller, String person) {
        return caller.equals(PRACTITIONER);
    }

    private static boolean isOfThisMachine(String ip) {
        try {
            return InetAddress.getByName(ip).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
