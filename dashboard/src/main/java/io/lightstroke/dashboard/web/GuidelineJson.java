package io.lightstroke.dashboard.web;

import io.lightstroke.gateway.guideline.Guideline;
import io.lightstroke.gateway.guideline.GuidelineContent.Regions;
import io.lightstroke.gateway.guideline.PressureLimits;
import io.lightstroke.gateway.guideline.Screening;
import io.lightstroke.messages.Json;
import io.lightstroke.messages.ToolInfoMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the pages need of the guideline, each limit computed: the pages compute none. Lists keep the guideline's order. */
final class GuidelineJson {
    private GuidelineJson() {}

    static byte[] of(Guideline guideline) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("version", guideline.version());
        json.put("regions", regions(guideline.content().regions().value()));
        json.put(
                "profiles",
                guideline.profiles().entrySet().stream()
                        .map(each -> Map.of(
                                "id",
                                each.getKey(),
                                "name",
                                each.getValue().name(),
                                "factor",
                                each.getValue().factor()))
                        .toList());
        json.put("checklist", named(guideline.checklist()));
        json.put("screening", screening(guideline.screening()));
        json.put("caps", guideline.caps());
        json.put("rest", guideline.rest());
        json.put("limits", limits(guideline));
        return Json.bytes(json);
    }

    private static Map<String, Object> regions(Regions regions) {
        List<Object> offered = new ArrayList<>();
        regions.offered()
                .forEach(group -> group.regions()
                        .forEach((id, name) -> offered.add(Map.of("id", id, "name", name, "factor", group.factor()))));
        List<Object> notOffered = new ArrayList<>();
        regions.notOffered()
                .forEach(group -> group.regions()
                        .forEach((id, name) ->
                                notOffered.add(Map.of("id", id, "name", name, "reason", group.reason()))));
        return Map.of("offered", offered, "not_offered", notOffered);
    }

    private static Map<String, Object> screening(Screening screening) {
        return Map.of(
                "absolute", named(screening.absolute()),
                "relative", named(screening.relative()),
                "never_on", screening.neverOn(),
                "stop", named(screening.stopAtOnce()));
    }

    /** By region, then by profile. */
    private static Map<String, Object> limits(Guideline guideline) {
        Map<String, Object> limits = new LinkedHashMap<>();
        for (String region : guideline.regions().keySet()) {
            Map<String, Object> byProfile = new LinkedHashMap<>();
            for (String profile : guideline.profiles().keySet()) {
                PressureLimits each = guideline.limits(region, profile);
                byProfile.put(
                        profile,
                        new ToolInfoMessage.Limits(
                                each.version(),
                                each.lightCn() / 100.0,
                                each.moderateCn() / 100.0,
                                each.tooDeepCn() / 100.0,
                                each.ceilingCn() / 100.0));
            }
            limits.put(region, byProfile);
        }
        return limits;
    }

    private static List<Map<String, String>> named(Map<String, String> names) {
        return names.entrySet().stream()
                .map(each -> Map.of("id", each.getKey(), "name", each.getValue()))
                .toList();
    }
}
