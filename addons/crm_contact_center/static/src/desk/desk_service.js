import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { session } from "@web/session";
import { toMoment } from "../ticks/ticks";

const POLL = 20_000;
const SOUND = "crm_contact_center.sound";
const DRAFTS = "crm_contact_center.drafts";
export const DESK = "crm_contact_center.desk";

/**
 * What the agent has at hand, wherever they are in the web client (CC-3). The bus says that something changed, the
 * service then reads what; it also asks by itself, which is the desk's sign of life. While a contact rings, the title
 * and a notice say so, and a sound if the agent wants one.
 */
export class Desk {
    constructor(env, services) {
        this.env = env;
        Object.assign(this, services);
        this.isAgent = Boolean(session.crm_contact_center_agent);
        this.state = reactive({
            agent: false,
            offset: 0,
            lost: false,
            shown: 0,
            sound: browser.localStorage.getItem(SOUND) === "1",
        });
        this.notices = new Map();
        this.reminders = new Map();
        this.drafts = reactive(JSON.parse(browser.sessionStorage.getItem(DRAFTS) || "{}"), () => this._keepDrafts());
        this._keepDrafts();
    }

    start() {
        if (!this.isAgent) {
            return;
        }
        this.bus_service.subscribe("crm_contact_center/desk", () => this.load());
        this.bus_service.addEventListener("BUS:RECONNECT", () => this.load());
        this.bus_service.start();
        browser.setInterval(() => this.load(), POLL);
        browser.addEventListener("beforeunload", (ev) => {
            if (this.contacts.some(({ state }) => state === "wrapup")) {
                ev.preventDefault();
            }
        });
        this.load();
    }

    get contacts() {
        return this.state.agent?.contacts || [];
    }

    get ringing() {
        return this.contacts.filter(({ state }) => state === "offered");
    }

    // ------------------------------------------------------------------ what is at hand

    /** Read what is at hand; once more if something changed meanwhile. */
    async load() {
        if (this.loading) {
            this.again = true;
            return this.loading;
        }
        this.loading = this._load();
        try {
            await this.loading;
        } finally {
            this.loading = undefined;
        }
    }

    async _load() {
        do {
            this.again = false;
            try {
                this.take(await this.orm.silent.call("crm.agent", "desk_state", []));
            } catch (error) {
                // the next time tells more; meanwhile the desk says that it doesn't know
                this.state.lost = true;
                console.warn("The contact center's desk couldn't be read.", error);
            }
        } while (this.again);
    }

    take(agent) {
        this.state.lost = false;
        this.state.offset = agent ? toMoment(agent.now) - Date.now() : 0;
        this.state.agent = agent;
        this._announce();
        this._remind();
        for (const id of Object.keys(this.drafts)) {
            if (!this.contacts.some((contact) => contact.id === Number(id))) {
                delete this.drafts[id];
            }
        }
    }

    /** Return the options of calls about a contact: it is of one of the agent's companies, shown now or not. */
    optionsOf({ company_id: own }) {
        const others = user.allowedCompanies.map(({ id }) => id).filter((id) => id !== own);
        return { context: { allowed_company_ids: own ? [own, ...others] : others } };
    }

    async setMode(mode, pauseId = false) {
        this.take(await this.orm.call("crm.agent", "desk_set_mode", [mode, pauseId]));
    }

    /** Return what the agent has noted so far for a contact's wrap-up: it outlives a reload of the page. */
    draft(contact) {
        this.drafts[contact.id] ||= { purpose_id: contact.purpose_id || "", outcome_id: "", note: contact.note || "" };
        return this.drafts[contact.id];
    }

    _keepDrafts() {
        browser.sessionStorage.setItem(DRAFTS, JSON.stringify(this.drafts));
    }

    // ------------------------------------------------------------------ ringing

    _announce() {
        const ringing = this.ringing;
        for (const [id, close] of this.notices) {
            if (this.state.shown || !ringing.some((contact) => contact.id === id)) {
                this.notices.delete(id);
                close();
            }
        }
        for (const contact of ringing) {
            if (!this.state.shown && !this.notices.has(contact.id)) {
                this.notices.set(contact.id, this._notify(contact));
            }
        }
        this.title.setCounters({ crm_contact_center: ringing.length });
        this.title.setParts({ crm_contact_center: ringing.length ? _t("%s is waiting for you", ringing[0].name) : null });
        this._sound(ringing.length && this.state.sound);
    }

    _notify(contact) {
        return this.notification.add(_t("%(queue)s: show who it is, then answer.", contact), {
            title: contact.channel === "call" ? _t("Call: %s", contact.name) : _t("Message: %s", contact.name),
            type: "info",
            sticky: true,
            className: "o_crm_desk_notice",
            buttons: [{ name: _t("Show"), primary: true, onClick: () => this.open() }],
        });
    }

    /** Open the desk as its menu does, so that the menus beside it are those of the contact center. */
    async open() {
        const entry = this.menu.getAll().find(({ xmlid }) => xmlid === "crm_contact_center.menu_desk");
        if (entry) {
            await this.menu.selectMenu(entry);
        } else {
            await this.action.doAction("crm_contact_center.desk_action", { clearBreadcrumbs: true });
        }
    }

    /** Note that the desk's page is on the screen, or isn't any more: notices are for the other pages. */
    show(isShown) {
        this.state.shown += isShown ? 1 : -1;
        this._announce();
    }

    toggleSound() {
        this.state.sound = !this.state.sound;
        browser.localStorage.setItem(SOUND, this.state.sound ? "1" : "0");
        this._sound(this.ringing.length && this.state.sound);
    }

    _sound(isWanted) {
        if (!isWanted) {
            this.audio?.pause();
            return;
        }
        this.audio ||= new browser.Audio("/mail/static/src/audio/call-invitation.mp3");
        this.audio.loop = true;
        // browsers refuse sounds before the first click on a page: the notice is still there
        Promise.resolve(this.audio.play()).catch(() => {});
    }

    // ------------------------------------------------------------------ wrap-up

    /** Remind the agent, once, of a wrap-up that takes longer than the queue wants. */
    _remind() {
        for (const [id, timer] of this.reminders) {
            if (!this.contacts.some((contact) => contact.id === id)) {
                browser.clearTimeout(timer);
                this.reminders.delete(id);
            }
        }
        for (const contact of this.contacts) {
            if (contact.state === "wrapup" && contact.wrapup_seconds && !this.reminders.has(contact.id)) {
                const due = toMoment(contact.ended_at) + contact.wrapup_seconds * 1000 - Date.now() - this.state.offset;
                this.reminders.set(
                    contact.id,
                    browser.setTimeout(() => {
                        this.notification.add(_t("Say what it was for and what came of it: nothing new comes until then."), {
                            title: _t("Wrap up: %s", contact.name),
                            type: "warning",
                            buttons: [{ name: _t("Wrap Up"), primary: true, onClick: () => this.open() }],
                        });
                    }, Math.max(0, due))
                );
            }
        }
    }
}

export const deskService = {
    dependencies: ["action", "bus_service", "menu", "notification", "orm", "title"],
    start(env, services) {
        const desk = new Desk(env, services);
        desk.start();
        return desk;
    },
};

registry.category("services").add(DESK, deskService);

/** Return how an agent's status is shown: words, icon and colour. */
export function statusLook(status) {
    return {
        offline: { name: _t("Offline"), icon: "fa-power-off", tone: "secondary" },
        available: { name: _t("Available"), icon: "fa-check-circle", tone: "success" },
        paused: { name: _t("Paused"), icon: "fa-pause-circle", tone: "warning" },
        busy: { name: _t("In Contact"), icon: "fa-comments", tone: "info" },
        wrapup: { name: _t("Wrap-Up"), icon: "fa-pencil-square", tone: "primary" },
    }[status];
}

/** Return how a contact's channel is shown. */
export function channelLook(channel) {
    return (
        {
            call: { name: _t("Call"), icon: "fa-phone" },
            chat: { name: _t("Chat"), icon: "fa-comment" },
            whatsapp: { name: _t("WhatsApp"), icon: "fa-whatsapp" },
            email: { name: _t("Email"), icon: "fa-envelope" },
            visit: { name: _t("Visit"), icon: "fa-building" },
        }[channel] || { name: channel, icon: "fa-comment" }
    );
}

/** Return how a contact's state is shown, and since which of its moments. */
export function stateLook(state) {
    return {
        offered: { name: _t("Ringing"), tone: "danger", since: "offered_at" },
        active: { name: _t("In Contact"), tone: "info", since: "answered_at" },
        wrapup: { name: _t("Wrap-Up"), tone: "primary", since: "ended_at" },
        waiting: { name: _t("Waiting"), tone: "warning", since: "entered_at" },
        callback: { name: _t("To Call Back"), tone: "secondary", since: "entered_at" },
    }[state];
}
