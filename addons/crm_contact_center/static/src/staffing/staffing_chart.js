import { Component, useState } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const WIDTH = 960;
const HEIGHT = 64;
const MINUTES = 1440;

/** What to draw for the record of which model: an area of what is needed, and a line of what is planned. */
const SOURCES = {
    "crm.staffing.plan": {
        model: "crm.staffing.coverage",
        link: "plan_id",
        changed: "short_hours",
        area: "needed",
        line: "planned",
        minutes: (row) => row.minutes,
        areaLabel: _t("Agents needed"),
        lineLabel: _t("Agents planned"),
    },
    "crm.staffing.forecast": {
        model: "crm.staffing.forecast.line",
        link: "forecast_id",
        changed: "computed_at",
        area: "contacts",
        line: "agents",
        minutes: (row, record) => Number(record.data.minutes || 30),
        areaLabel: _t("Contacts expected"),
        lineLabel: _t("Agents to plan"),
    },
};

/** Needed against planned, interval by interval: a strip for each day, by the viewer's clock (CC-8a). */
export class StaffingChart extends Component {
    static template = "crm_contact_center.StaffingChart";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ days: [], most: 0 });
        this.width = WIDTH;
        this.height = HEIGHT;
        this.hours = [0, 3, 6, 9, 12, 15, 18, 21];
        useRecordObserver((record) => this.load(record, record.data[this.source.changed]));
    }

    get source() {
        return SOURCES[this.props.record.resModel];
    }

    /** Read the intervals; anew whenever the record's field that tells of it changes. */
    async load(record) {
        const { model, link, area, line, minutes } = this.source;
        if (!record.resId) {
            this.state.days = [];
            return;
        }
        const names = ["interval_at", area, line, ...(model === "crm.staffing.coverage" ? ["minutes"] : [])];
        const rows = await this.orm.searchRead(model, [[link, "=", record.resId]], names, { order: "interval_at" });
        const days = new Map();
        for (const row of rows) {
            const moment = deserializeDateTime(row.interval_at);
            const key = moment.toISODate();
            if (!days.has(key)) {
                days.set(key, { key, label: moment.toFormat("ccc d LLL"), places: new Map() });
            }
            // queues of one plan add up
            const { places } = days.get(key);
            const at = moment.hour * 60 + moment.minute;
            const place = places.get(at) || { at, length: minutes(row, record), area: 0, line: 0 };
            place.area += row[area];
            place.line += row[line];
            places.set(at, place);
        }
        const places = [...days.values()].flatMap((day) => [...day.places.values()]);
        const most = Math.max(1, ...places.map((place) => Math.max(place.area, place.line)));
        this.state.most = Math.round(most * 10) / 10;
        this.state.days = [...days.values()].map((day) => this.drawn(day, most));
    }

    /** Return the day's area and line as paths of an SVG. */
    drawn({ key, label, places }, most) {
        const x = (minute) => ((minute / MINUTES) * WIDTH).toFixed(1);
        const y = (value) => (HEIGHT - 2 - (value / most) * (HEIGHT - 6)).toFixed(1);
        const steps = (name) =>
            [...places.values()]
                .map((place) => `L${x(place.at)},${y(place[name])}L${x(place.at + place.length)},${y(place[name])}`)
                .join("");
        const all = [...places.values()];
        const [first, last] = [x(all[0].at), x(all.at(-1).at + all.at(-1).length)];
        const sum = (name) => all.reduce((total, place) => total + place[name], 0);
        return {
            key,
            label,
            area: `M${first},${y(0)}${steps("area")}L${last},${y(0)}Z`,
            line: `M${first},${y(0)}${steps("line")}L${last},${y(0)}`,
            words: _t("%(day)s: most %(area)s, %(line)s", {
                day: label,
                area: Math.max(...all.map((place) => place.area)).toFixed(1),
                line: Math.max(...all.map((place) => place.line)).toFixed(1),
            }),
            empty: !sum("area") && !sum("line"),
        };
    }

    position(hour) {
        return (hour / 24) * WIDTH;
    }
}

registry.category("view_widgets").add("crm_staffing_chart", { component: StaffingChart });
