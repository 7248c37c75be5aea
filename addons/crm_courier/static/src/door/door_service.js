import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { Mutex } from "@web/core/utils/concurrency";
import { session } from "@web/session";
import { hasCardNumber } from "./card_number";
import { DAY, DoorStore, QUEUE, SENT } from "./store";

const MODEL = "crm.courier.stop";
/** Characters that go in one request, so that a slow network brings at least something through. */
const REQUEST_SIZE = 1_500_000;
const REQUEST_ENTRIES = 20;
const PATIENCE = 60_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
const DAY_LENGTH = 24 * 3600 * 1000;
/** Values that are pictures; everything else that is text is looked at for card numbers. */
const PICTURES = ["image", "photo", "id_photo"];
/** Copies of identity cards don't stay on the phone once the server has answered, whatever it said. */
const PRIVATE = ["id_photo"];
const TRY_AGAIN = ["LockError", "ConcurrencyError", "SerializationFailure", "OperationalError"];
const LOGGED_OUT = ["SessionExpiredException", "AccessDenied"];

export class CardNumberError extends Error {}

/** @returns {string} a number for an entry that nobody else has; ``randomUUID`` is there on HTTPS only */
export function newUuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @returns {Object} a copy that a database takes: nothing in it is watched */
function plain(value) {
    return JSON.parse(JSON.stringify(value));
}

/**
 * What a courier enters at the doors: kept on the phone first, sent in order, and again until the server has answered.
 *
 * The server does each entry once, by its number; so an answer that got lost costs nothing.
 */
export class Door {
    constructor(store) {
        this.store = store;
        this.mutex = new Mutex();
        this.run = false;
        this.next = false;
        this.stops = [];
        /** Entries that wait or were refused: ``{seq, uuid, stop_id, kind, made_at, values, status, message}``. */
        this.queue = [];
        /** What the server took, without values: ``{uuid, stop_id, kind, made_at, document}``. */
        this.sent = [];
        this.loadedAt = false;
        this.online = browser.navigator.onLine;
        this.loggedOut = false;
        this.sending = false;
        this.keeps = true;
        this.pause = FIRST_PAUSE;
        this.timer = null;
    }

    get waiting() {
        return this.queue.filter((entry) => entry.status === "waiting");
    }

    get refused() {
        return this.queue.filter((entry) => entry.status === "refused");
    }

    stop(id) {
        return this.stops.find((stop) => stop.id === id);
    }

    /**
     * @param {number} stopId
     * @param {string} kind
     * @param {Function} matches takes the values of an entry
     * @returns {Object|undefined} the last entry of that kind that the server hasn't taken
     */
    pending(stopId, kind, matches = () => true) {
        return this.queue.findLast(
            (entry) => entry.stop_id === stopId && entry.kind === kind && matches(entry.values)
        );
    }

    /** Read what is kept on the phone, and send what waits. */
    async start() {
        await this._read();
        browser.addEventListener("online", () => this._comeOnline());
        browser.addEventListener("offline", () => (this.online = false));
        document.addEventListener("visibilitychange", () => this._becomeVisible());
        if (this.waiting.length) {
            this.send();
        }
    }

    async _read() {
        this.keeps = await this.store.keeps();
        const day = await this.store.get(DAY, DAY);
        if (day && !this.loadedAt) {
            Object.assign(this, { run: day.run, next: day.next, stops: day.stops, loadedAt: day.loadedAt });
        }
        const queue = await this.store.all(QUEUE);
        const known = new Set(queue.map((entry) => entry.uuid));
        this.queue = [...queue, ...this.queue.filter((entry) => !entry.seq && !known.has(entry.uuid))];
        const sent = await this.store.all(SENT);
        const old = sent.filter((entry) => Date.now() - Date.parse(entry.made_at) > DAY_LENGTH);
        await Promise.all(old.map((entry) => this.store.remove(SENT, entry.uuid)));
        this.sent = sent
            .filter((entry) => !old.includes(entry))
            .sort((one, other) => one.made_at.localeCompare(other.made_at));
    }

    // ------------------------------------------------------------------ entries

    /**
     * Keep an entry on the phone and send it as soon as that is possible.
     *
     * @returns {Promise} of it being kept, not of it being sent
     * @throws {CardNumberError} there is a card's number in it: nothing is kept
     */
    async add(stopId, kind, values) {
        for (const [name, value] of Object.entries(values)) {
            if (typeof value === "string" && !PICTURES.includes(name) && hasCardNumber(value)) {
                throw new CardNumberError();
            }
        }
        const entry = {
            uuid: newUuid(),
            stop_id: stopId,
            kind,
            made_at: new Date().toISOString(),
            values: plain(values),
            status: "waiting",
            message: "",
        };
        try {
            const seq = await this.store.put(QUEUE, entry);
            if (seq) {
                entry.seq = seq;
            }
        } catch {
            this.keeps = false;
        }
        this.queue.push(entry);
        this.send();
    }

    /** Take a refused entry away: it was entered anew, or isn't wanted any more. */
    async discard(entry) {
        if (entry.status === "refused") {
            await this._forget(entry);
        }
    }

    /** Send a refused entry again as a new one, as it is. */
    async retry(entry) {
        await this.add(entry.stop_id, entry.kind, entry.values);
        await this.discard(entry);
    }

    async _forget(entry) {
        this.queue = this.queue.filter((other) => other.uuid !== entry.uuid);
        if (entry.seq) {
            await this.store.remove(QUEUE, entry.seq);
        }
    }

    async _keep(entry) {
        if (entry.seq) {
            await this.store.put(QUEUE, plain(entry));
        }
    }

    // ------------------------------------------------------------------ network

    /** Ask for the day anew; without network the one that is known stays. */
    async load() {
        return this.mutex.exec(async () => {
            try {
                const day = await this._call("courier_day", []);
                this._setDay(day);
            } catch (error) {
                this._fail(error);
            }
        });
    }

    /** Send what waits, in its order. Nothing else is sent at the same time, by any window of this browser. */
    async send() {
        browser.clearTimeout(this.timer);
        return this.mutex.exec(() => {
            const locks = browser.navigator.locks;
            return locks ? locks.request(this.store.name, () => this._send()) : this._send();
        });
    }

    async _send() {
        this.sending = true;
        try {
            let count = REQUEST_ENTRIES;
            while (this.waiting.length) {
                const batch = this._batch(count);
                let answers;
                try {
                    answers = await this._call("courier_send", [batch.map(this._toSend)]);
                } catch (error) {
                    if (!this._isServerError(error)) {
                        this._fail(error);
                        return;
                    }
                    if (batch.length > 1) {
                        count = 1; // find the one that the server can't cope with
                    } else {
                        await this._refuse(batch[0], this._serverSays(error));
                    }
                    continue;
                }
                await this._take(batch, answers);
            }
        } finally {
            this.sending = false;
        }
    }

    _batch(count) {
        const batch = [];
        let size = 0;
        for (const entry of this.waiting) {
            size += Object.values(entry.values).reduce((sum, value) => sum + String(value ?? "").length, 0);
            if (batch.length && (batch.length >= count || size > REQUEST_SIZE)) {
                break;
            }
            batch.push(entry);
        }
        return batch;
    }

    _toSend({ uuid, stop_id, kind, made_at, values }) {
        return { uuid, stop_id, kind, made_at, values };
    }

    async _take(batch, answers) {
        for (const answer of answers) {
            const entry = batch.find((other) => other.uuid === answer.uuid);
            if (answer.stop) {
                this._setStop(answer.stop);
            }
            if (answer.status === "done") {
                const { uuid, stop_id, kind, made_at, values } = entry;
                const said = { uuid, stop_id, kind, made_at, document: values.document || "" };
                await this.store.put(SENT, said);
                this.sent.push(said);
                await this._forget(entry);
            } else {
                await this._refuse(entry, answer.message);
            }
        }
        await this._keepDay();
    }

    async _refuse(entry, message) {
        const values = { ...entry.values };
        PRIVATE.forEach((name) => delete values[name]);
        Object.assign(entry, { status: "refused", message, values });
        await this._keep(entry);
    }

    async _call(method, args) {
        const request = rpc(
            `/web/dataset/call_kw/${MODEL}/${method}`,
            { model: MODEL, method, args, kwargs: { context: user.context } },
            { silent: true }
        );
        let timer;
        const late = new Promise((resolve, reject) => {
            timer = browser.setTimeout(() => {
                reject(new ConnectionLostError(method));
                request.abort(false);
            }, PATIENCE);
        });
        try {
            const answer = await Promise.race([request, late]);
            Object.assign(this, { online: true, loggedOut: false, pause: FIRST_PAUSE });
            return answer;
        } finally {
            browser.clearTimeout(timer);
        }
    }

    _exception(error) {
        return String(error.exceptionName || "").split(".").pop();
    }

    _isServerError(error) {
        const name = this._exception(error);
        return Boolean(name) && !TRY_AGAIN.includes(name) && !LOGGED_OUT.includes(name);
    }

    _serverSays(error) {
        return error.data?.message || _t("The server couldn't take this. Try again, or call the office.");
    }

    /** Try again later: after two seconds, then after ever longer pauses, up to a minute. */
    _fail(error) {
        if (LOGGED_OUT.includes(this._exception(error))) {
            this.loggedOut = true;
            return;
        }
        if (this._isServerError(error)) {
            throw error;
        }
        this.online = !(error instanceof ConnectionLostError) && browser.navigator.onLine;
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this._again(), this.pause * (0.8 + Math.random() * 0.4));
        this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }

    _again() {
        return this.waiting.length ? this.send() : this.load();
    }

    _comeOnline() {
        this.pause = FIRST_PAUSE;
        return this._again();
    }

    async _becomeVisible() {
        if (document.visibilityState === "visible" && this.waiting.length) {
            await this.mutex.exec(() => this._read());
            this.send();
        }
    }

    // ------------------------------------------------------------------ the day

    _setDay({ run, next, stops }) {
        Object.assign(this, { run, next, stops, loadedAt: new Date().toISOString() });
        this._keepDay();
    }

    _setStop(data) {
        const index = this.stops.findIndex((stop) => stop.id === data.id);
        if (index >= 0) {
            this.stops[index] = data;
        }
    }

    async _keepDay() {
        const { run, next, stops, loadedAt } = this;
        try {
            await this.store.put(DAY, plain({ run, next, stops, loadedAt }), DAY);
        } catch {
            this.keeps = false;
        }
    }

    /** Leave nothing of the day on the phone. What isn't sent stays, for this user only: it would be lost. */
    async leave() {
        Object.assign(this, { run: false, next: false, stops: [], sent: [], loadedAt: false });
        await Promise.all([this.store.clear(DAY), this.store.clear(SENT)]);
    }
}

export const doorService = {
    dependencies: ["bus_service"],
    start(env, { bus_service: bus }) {
        const door = reactive(new Door(new DoorStore(`crm_courier.${session.db}.${user.userId}`)));
        if (session.is_courier) {
            door.start();
            bus.subscribe("crm_courier_day", () => door.load());
        }
        return door;
    },
};

registry.category("services").add("crm_courier_door", doorService);
