/** The errors that BlueZ answers with, in the package that their names on the bus demand. */
@org.jspecify.annotations.NullMarked
package org.bluez;
