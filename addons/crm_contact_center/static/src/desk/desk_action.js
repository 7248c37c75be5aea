import { Component, onMounted, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { toMoment, useTicks } from "../ticks/ticks";
import { CustomerDialog } from "./customer_dialog";
import { channelLook, DESK, stateLook, statusLook } from "./desk_service";
import { TransferDialog } from "./transfer_dialog";
import { WrapUpForm } from "./wrap_up_form";

const MODEL = "crm.queue.contact";
const PANELS = "crm_contact_center.desk_panels";

/**
 * The agent's one page: contacts at hand, who the customer is and what is open with them, and what other parts add by
 * the registry "crm_contact_center.desk_panels" (CC-3a, CC-3b).
 */
export class DeskAction extends Component {
    static template = "crm_contact_center.DeskAction";
    static components = { WrapUpForm };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.desk = useService(DESK);
        this.shared = useState(this.desk.state);
        this.state = useState({ selected: false, pages: {}, busy: false, error: "", choices: false });
        this.root = useRef("root");
        useTicks(this.root, () => this.shared.offset);
        onWillStart(async () => {
            await this.desk.load();
            if (this.agent) {
                this.state.choices = await this.orm.call("crm.agent", "desk_choices", []);
            } else {
                this.isSupervisor = await user.hasGroup("crm_contact_center.group_supervisor");
            }
        });
        onMounted(() => this.desk.show(true));
        onWillUnmount(() => this.desk.show(false));
        useEffect(
            () => this._follow(),
            () => [this.contacts.map(({ id, state, partner_id }) => `${id} ${state} ${partner_id}`).join()]
        );
    }

    get agent() {
        return this.shared.agent;
    }

    get contacts() {
        return this.agent?.contacts || [];
    }

    /** The line of the chosen contact, as the server last told. */
    get line() {
        return this.contacts.find(({ id }) => id === this.state.selected);
    }

    /** The page of the chosen contact. */
    get page() {
        return this.line && this.state.pages[this.line.id];
    }

    get panels() {
        const entries = registry.category(PANELS).getEntries();
        return entries
            .map(([key, { Component, sequence = 50 }]) => ({ key, Component, sequence }))
            .sort((a, b) => a.sequence - b.sequence);
    }

    get look() {
        return statusLook(this.agent.status);
    }

    get mode() {
        return statusLook(this.agent.mode);
    }

    get pause() {
        return this.agent.pauses.find(([id]) => id === this.agent.pause_id)?.[1];
    }

    get since() {
        return toMoment(this.agent.status_since);
    }

    channel(key) {
        return channelLook(key);
    }

    stateOf(contact) {
        return stateLook(contact.state);
    }

    sinceOf(contact) {
        return toMoment(contact[stateLook(contact.state).since] || contact.entered_at);
    }

    when(text) {
        return toLocaleDateTimeString(deserializeDateTime(text), { showSeconds: false });
    }

    // ------------------------------------------------------------------ what is shown

    /** Choose what to show, and read the pages of contacts that are new or have changed. */
    _follow() {
        const ringing = this.contacts.find(({ state, id }) => state === "offered" && !this.state.pages[id]);
        const active = document.activeElement;
        const isTyping = this.root.el?.contains(active) && active.matches("input, textarea, select");
        if (ringing && this.line?.state !== "wrapup" && !(this.line && isTyping)) {
            this.state.selected = ringing.id;
        } else if (!this.line) {
            this.state.selected = this.contacts.length ? this.contacts[0].id : false;
        }
        const ids = this.contacts.map(({ id }) => id);
        for (const id of Object.keys(this.state.pages)) {
            if (!ids.includes(Number(id))) {
                delete this.state.pages[id];
            }
        }
        for (const contact of this.contacts) {
            const page = this.state.pages[contact.id];
            if (!page || page.state !== contact.state || page.partner_id !== contact.partner_id) {
                this.read(contact.id);
            }
        }
    }

    async read(id) {
        try {
            const contact = this.contacts.find((one) => one.id === id) || {};
            this.state.pages[id] = await this.orm.silent.call(MODEL, "desk_pop", [[id]], this.desk.optionsOf(contact));
        } catch (error) {
            // somebody else has it meanwhile: the list says so in a moment
            this._explain(error);
            this.desk.load();
        }
    }

    /** Read the chosen contact's page and the list anew: for the panels of other parts. */
    async reload() {
        await Promise.all([this.desk.load(), this.line && this.read(this.line.id)]);
    }

    select(contact) {
        this.state.selected = contact.id;
        this.state.error = "";
    }

    // ------------------------------------------------------------------ what is done

    _explain(error) {
        this.state.error = error.data?.message || _t("No connection. Try again.");
    }

    /** Call the server once at a time; show what it refuses on the page. */
    async call(method, args = []) {
        if (this.state.busy) {
            return undefined;
        }
        Object.assign(this.state, { busy: true, error: "" });
        try {
            const { line } = this;
            const answer = await this.orm.call(MODEL, method, [[line.id], ...args], this.desk.optionsOf(line));
            return answer === undefined || answer === null ? true : answer;
        } catch (error) {
            this._explain(error);
            return undefined;
        } finally {
            this.state.busy = false;
            await this.desk.load();
        }
    }

    setMode(mode, pauseId) {
        return this.desk.setMode(mode, pauseId);
    }

    get isTaken() {
        return !(this.line.channel === "call" && this.line.telephoned && this.line.direction === "incoming");
    }

    async take() {
        const { res_model: model, res_id: id } = this.line;
        if ((await this.call("action_take")) && model === "discuss.channel") {
            await this.openChat(id);
        }
    }

    async openChat(id) {
        const store = this.env.services["mail.store"];
        const thread = await store.Thread.getOrFetch({ model: "discuss.channel", id });
        if (thread) {
            thread.open({ focus: true });
        } else {
            this.state.error = _t("You aren't in this conversation yet: ask your supervisor.");
        }
    }

    async end() {
        if ((await this.call("action_end")) === false) {
            this.notification.add(_t("The telephone hangs up. If nothing happens, press End again in ten seconds."), { type: "info" });
        }
    }

    async callBack() {
        if (await this.call("action_call_back")) {
            this.notification.add(_t("Your telephone rings: pick it up, then %s is called.", this.line?.phone || ""), { type: "info" });
        }
    }

    transfer() {
        this.dialog.add(TransferDialog, {
            contact: this.line,
            notes: this.desk.draft(this.page || this.line),
            done: (isOver) => {
                if (!isOver) {
                    this.notification.add(_t("The telephone hands the call over."), { type: "info" });
                }
                return this.desk.load();
            },
        });
    }

    identify() {
        const { id, phone } = this.line;
        this.dialog.add(CustomerDialog, {
            contact: this.line,
            phone: phone || "",
            name: this.page?.who.said || "",
            done: () => Promise.all([this.read(id), this.desk.load()]),
        });
    }

    async choose(partnerId) {
        if (await this.call("action_choose_customer", [partnerId])) {
            await this.read(this.line.id);
        }
    }

    async wrapUp(draft) {
        await this.call("action_wrap_up", [Number(draft.purpose_id), Number(draft.outcome_id), draft.note.trim() || false]);
    }

    open(model, id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]] });
    }

    openWall() {
        return this.action.doAction("crm_contact_center.wall_action");
    }

    openAgents() {
        return this.action.doAction("crm_contact_center.crm_agent_action");
    }
}

registry.category("actions").add("crm_contact_center.desk", DeskAction);
