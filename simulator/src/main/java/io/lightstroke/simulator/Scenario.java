package io.lightstroke.simulator;

/** What a simulated person does with a tool, and how good its sensor is; read from YAML. */
public record Scenario(String name) {}
