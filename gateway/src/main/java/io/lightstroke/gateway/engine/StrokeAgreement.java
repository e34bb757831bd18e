package io.lightstroke.gateway.engine;

/**
 * How the strokes that the tool found agree with the gateway's, in one boot.
 *
 * @param both found by the tool and by the gateway
 * @param onlyTool found by the tool alone, or by the gateway not yet
 * @param onlyGateway found by the gateway alone, or by the tool not yet
 */
public record StrokeAgreement(long both, long onlyTool, long onlyGateway) {}
