import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { StopLinks, StopPage } from "./stop_page";

const { DateTime } = luxon;
/** How often the day is asked for while it is looked at: an answer of CRM may have come. */
const REFRESH = 30_000;
/** What is typed at a stop and not yet entered: in memory only, and there when the courier comes back to it. */
const drafts = {};

/** Today's deliveries of a courier, on the phone: works without network once it is open (SOP-7 … SOP-14). */
export class DoorAction extends Component {
    static template = "crm_courier.DoorAction";
    static components = { StopLinks, StopPage };
    static props = { ...standardActionServiceProps };

    setup() {
        this.door = useState(useService("crm_courier_door"));
        this.action = useService("action");
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ stopId: false, busy: false });
        let timer;
        onMounted(() => {
            this.door.load();
            browser.navigator.storage?.persist?.();
            timer = browser.setInterval(() => this._refresh(), REFRESH);
        });
        onWillUnmount(() => browser.clearInterval(timer));
    }

    _refresh() {
        if (document.visibilityState === "visible" && !this.door.waiting.length && browser.navigator.onLine) {
            this.door.load();
        }
    }

    // ------------------------------------------------------------------ the list

    get openStop() {
        return this.state.stopId && this.door.stop(this.state.stopId);
    }

    get openNumber() {
        return this.door.stops.findIndex((stop) => stop.id === this.state.stopId) + 1;
    }

    get allSaid() {
        return this.door.stops.length && this.door.stops.every((stop) => stop.outcome);
    }

    get left() {
        return this.door.stops.filter((stop) => !stop.outcome || stop.outcome === "not_home").length;
    }

    isOver(stop) {
        return Boolean(stop.outcome && stop.outcome !== "not_home");
    }

    get leftText() {
        return _t("%s to do", this.left);
    }

    get leavesText() {
        return _t("Leaves at %s", this.time(this.door.next.starts_at));
    }

    draftsOf(stop) {
        drafts[stop.id] ||= {};
        return drafts[stop.id];
    }

    open(stop) {
        this.state.stopId = stop.id;
        this._toTop();
    }

    close() {
        this.state.stopId = false;
        this._toTop();
    }

    _toTop() {
        browser.requestAnimationFrame(() => document.querySelector(".o_courier_door")?.scrollTo(0, 0));
    }

    /** @returns {{text: string, kind: string}} what the card says of a stop; never "done" for what only the phone knows */
    badge(stop) {
        const entries = this.door.queue.filter((entry) => entry.stop_id === stop.id);
        if (entries.some((entry) => entry.status === "refused")) {
            return { text: _t("Refused"), kind: "danger" };
        }
        if (entries.length) {
            return { text: _t("Waiting to be sent"), kind: "warning" };
        }
        if (stop.outcome) {
            const kinds = { delivered: "success", partly: "success", not_home: "warning" };
            return { text: stop.outcome_text, kind: kinds[stop.outcome] || "secondary" };
        }
        return { text: _t("Open"), kind: "info" };
    }

    units(stop) {
        const counts = {};
        for (const { product, quantity } of stop.units) {
            counts[product] = (counts[product] || 0) + quantity;
        }
        return Object.entries(counts)
            .map(([product, quantity]) => `${quantity} × ${product}`)
            .join(", ");
    }

    time(text) {
        return text ? deserializeDateTime(text).toLocaleString(DateTime.TIME_SIMPLE) : "";
    }

    // ------------------------------------------------------------------ network

    get network() {
        const { waiting, online, sending, loggedOut } = this.door;
        if (loggedOut) {
            return { text: _t("Log in again"), kind: "danger", icon: "fa-sign-in" };
        }
        if (waiting.length) {
            const text = _t("%s waiting to be sent", waiting.length);
            return { text, kind: "warning", icon: sending && online ? "fa-refresh fa-spin" : "fa-cloud-upload" };
        }
        if (!online) {
            return { text: _t("No network"), kind: "secondary", icon: "fa-chain-broken" };
        }
        return { text: _t("All sent"), kind: "success", icon: "fa-check" };
    }

    async sync() {
        if (this.door.loggedOut) {
            browser.location.reload();
            return;
        }
        await this.door.send();
        await this.door.load();
    }

    // ------------------------------------------------------------------ the run

    openRun(id) {
        return this.action.doAction("crm_courier.stock_picking_batch_action_mine", {
            props: { resId: id },
            viewType: "form",
        });
    }

    openRuns() {
        return this.action.doAction("crm_courier.stock_picking_batch_action_mine");
    }

    leave() {
        return this._step("action_leave");
    }

    comeBack() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Back at the office?"),
            body: _t("Then nothing more can be entered for this run. CRM counts papers, money and goods with you."),
            confirmLabel: _t("I am back"),
            confirm: () => this._step("action_come_back"),
            cancel: () => {},
        });
    }

    async _step(method) {
        this.state.busy = true;
        try {
            await this.orm.call("stock.picking.batch", method, [[this.door.run.id]]);
            await this.door.load();
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("crm_courier.door", DoorAction);
