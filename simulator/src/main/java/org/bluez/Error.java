package org.bluez;

import org.freedesktop.dbus.exceptions.DBusExecutionException;

/** The errors of BlueZ's D-Bus interfaces, in its words. dbus-java takes the name on the bus from the class's name. */
@SuppressWarnings("JavaLangClash")
public final class Error {
    private Error() {}

    public static final class Failed extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public Failed(String message) {
            super(message);
        }
    }

    public static final class InProgress extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public InProgress(String message) {
            super(message);
        }
    }

    public static final class NotReady extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public NotReady(String message) {
            super(message);
        }
    }

    public static final class NotConnected extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public NotConnected(String message) {
            super(message);
        }
    }

    public static final class NotPermitted extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public NotPermitted(String message) {
            super(message);
        }
    }

    public static final class NotSupported extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public NotSupported(String message) {
            super(message);
        }
    }

    public static final class NotAvailable extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public NotAvailable(String message) {
            super(message);
        }
    }

    public static final class InvalidOffset extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public InvalidOffset(String message) {
            super(message);
        }
    }

    public static final class InvalidValueLength extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public InvalidValueLength(String message) {
            super(message);
        }
    }

    public static final class DoesNotExist extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public DoesNotExist(String message) {
            super(message);
        }
    }

    public static final class AlreadyExists extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public AlreadyExists(String message) {
            super(message);
        }
    }

    public static final class Rejected extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public Rejected(String message) {
            super(message);
        }
    }

    public static final class AuthenticationFailed extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public AuthenticationFailed(String message) {
            super(message);
        }
    }

    public static final class Canceled extends DBusExecutionException {
        private static final long serialVersionUID = 1L;

        public Canceled(String message) {
            super(message);
        }
    }
}
