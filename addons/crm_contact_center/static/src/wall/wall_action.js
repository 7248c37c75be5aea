import { Component, onMounted, onWillStart, onWillUnmount, useExternalListener, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { statusLook } from "../desk/desk_service";
import { formatSeconds, toMoment, useTicks } from "../ticks/ticks";

const POLL = 10_000;
const PAUSE = 1000;
const NEAR = 10;
const CHANGED = "crm_contact_center/changed";
const STATUSES = ["available", "busy", "wrapup", "paused"];

/** Queues and agents as they are now, to be read from the other side of the room (CC-2e). */
export class WallAction extends Component {
    static template = "crm_contact_center.WallAction";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.bus = useService("bus_service");
        this.root = useRef("root");
        this.state = useState({ wall: false, lost: false, offset: 0, full: false });
        useTicks(this.root, () => this.state.offset);
        onWillStart(() => this.load());
        const changed = () => this.loadSoon();
        onMounted(() => {
            this.bus.subscribe(CHANGED, changed);
            this.bus.start();
            this.poll = browser.setInterval(changed, POLL);
        });
        onWillUnmount(() => {
            this.bus.unsubscribe(CHANGED, changed);
            browser.clearInterval(this.poll);
            browser.clearTimeout(this.timer);
            this.gone = true;
        });
        useExternalListener(document, "fullscreenchange", () => {
            this.state.full = Boolean(document.fullscreenElement);
        });
    }

    /** Read anew, at most once a second however often something changes. */
    loadSoon() {
        if (!this.timer) {
            const wait = Math.max(0, (this.readAt || 0) + PAUSE - Date.now());
            this.timer = browser.setTimeout(() => this.load(), wait);
        }
    }

    async load() {
        try {
            const wall = await this.orm.silent.call("crm.queue", "wall", []);
            Object.assign(this.state, { wall, lost: false, offset: toMoment(wall.now) - Date.now() });
        } catch (error) {
            if (error.exceptionName === "odoo.exceptions.AccessError") {
                throw error;
            }
            this.state.lost = true;
        } finally {
            this.readAt = Date.now();
            this.timer = undefined;
        }
    }

    // ------------------------------------------------------------------ queues

    get queues() {
        return this.state.wall.queues || [];
    }

    since(moment) {
        return toMoment(moment);
    }

    seconds(number) {
        return number === null ? "–" : formatSeconds(number);
    }

    /** Words, icon and colour of the day's level beside its target. */
    level({ today, target_percent: target }) {
        if (today.level === null) {
            return { name: _t("No contacts yet"), icon: "fa-minus", tone: "muted" };
        }
        if (today.level >= target) {
            return { name: _t("On target"), icon: "fa-check-circle", tone: "success" };
        }
        if (today.level >= target - NEAR) {
            return { name: _t("Just below"), icon: "fa-exclamation-circle", tone: "warning" };
        }
        return { name: _t("Below target"), icon: "fa-times-circle", tone: "danger" };
    }

    target(queue) {
        return _t("Target: %(target_percent)s% in %(target_seconds)s s", queue);
    }

    // ------------------------------------------------------------------ agents

    /** Agents by what they are doing: those who take too long first, then those for longest. */
    get groups() {
        const all = this.state.wall.agents || [];
        const agents = [...all.filter(({ late }) => late), ...all.filter(({ late }) => !late)];
        return STATUSES.map((status) => ({
            status,
            look: statusLook(status),
            agents: agents.filter((agent) => agent.status === status),
        }));
    }

    detail(agent) {
        if (agent.paused_by === "missed") {
            return _t("Missed a contact");
        }
        if (agent.paused_by === "unseen") {
            return _t("No sign of life");
        }
        return agent.pause || "";
    }

    // ------------------------------------------------------------------ screen

    toggleFull() {
        return document.fullscreenElement ? document.exitFullscreen() : this.root.el.requestFullscreen();
    }

    openQueue(queue) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: queue.name,
            res_model: "crm.queue.contact",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [
                ["queue_id", "=", queue.id],
                ["state", "in", ["waiting", "offered", "active", "callback"]],
            ],
        });
    }
}

registry.category("actions").add("crm_contact_center.wall", WallAction);
