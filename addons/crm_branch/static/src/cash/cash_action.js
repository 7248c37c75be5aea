import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { formatCurrency, getCurrency } from "@web/core/currency";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { uuid } from "@web/core/utils/strings";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { parseAmount } from "./cash_amount";
import { CashCount } from "./cash_count";

const PERSON = { first_name: "", surname: "", street: "", zip_code: "", city: "", phone: "" };

/** The cashier's one screen: find the customer, take the money, print the receipt; open and close the desk (BR-12). */
export class CashAction extends Component {
    static template = "crm_branch.CashAction";
    static components = { CashCount };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.root = useRef("root");
        this.state = useState({ screen: false, mode: "find", busy: false, error: "", deskId: false, ...this._clean() });
        this.person = useState({ ...PERSON });
        this.move = useState({ direction: "out", counterpart: "bank", amount: "", reason: "" });
        onWillStart(() => this.load());
        useEffect(
            () => this._focus(),
            () => [this.state.mode, this.state.byPerson, this.several, this.state.card?.id, this.state.receipt?.id, this.state.screen]
        );
        useHotkey("escape", () => this.next(), { bypassEditableProtection: true });
    }

    _clean() {
        const empty = { number: "", found: false, card: false, receipt: false, asking: false, reason: "" };
        return { ...empty, amount: "", tendered: "", key: uuid() };
    }

    _focus() {
        const input = this.root.el?.querySelector("[data-focus]");
        input?.focus();
        input?.select?.();
    }

    // ------------------------------------------------------------------ the desk

    get session() {
        return this.state.screen.session;
    }

    get desk() {
        const desks = this.state.screen.desks;
        return desks.find((desk) => desk.id === this.state.deskId) || desks[0];
    }

    get currency() {
        return this.session ? this.session.currency : this.desk?.currency;
    }

    get pieces() {
        return this.state.screen.pieces.filter((piece) => piece.currency === this.currency);
    }

    format(amount) {
        return formatCurrency(amount, this.currency);
    }

    get symbol() {
        return getCurrency(this.currency)?.symbol;
    }

    async load() {
        this.state.screen = await this.orm.call("crm.cash.session", "action_screen", []);
    }

    /** Call the server, and show what it refuses beside what was typed. */
    async call(method, args, model = "crm.cash.session") {
        if (this.state.busy) {
            return undefined;
        }
        this.state.busy = true;
        this.state.error = "";
        try {
            return await this.orm.call(model, method, args);
        } catch (error) {
            this.state.error = error.data?.message || _t("No connection. Try again: nothing is paid twice.");
            return undefined;
        } finally {
            this.state.busy = false;
        }
    }

    async openDesk(count, reason) {
        if (await this.call("action_open", [this.desk.id, count, reason], "crm.cash.desk")) {
            await this.load();
            this.next();
        }
    }

    async startCount() {
        if (this.session.state === "counting" || (await this.call("action_count", [this.session.id]))) {
            await this.load();
            this.state.mode = "close";
        }
    }

    async resume() {
        if (await this.call("action_resume", [this.session.id])) {
            await this.load();
            this.next();
        }
    }

    async closeDesk(count, reason) {
        const id = this.session.id;
        const difference = await this.call("action_close", [id, count, reason]);
        if (difference !== undefined) {
            await this.load();
            this.next();
            this.state.closed = { id, difference };
        }
    }

    printDay() {
        return this.print("crm.cash.session", this.state.closed.id);
    }

    async moveCash() {
        const { direction, counterpart, reason } = this.move;
        const amount = parseAmount(this.move.amount) ?? 0;
        if (await this.call("action_move_cash", [this.session.id, direction, counterpart, amount, reason])) {
            Object.assign(this.move, { amount: "", reason: "" });
            await this.load();
            this.next();
        }
    }

    // ------------------------------------------------------------------ the customer

    /** Begin with the next customer. */
    next() {
        Object.assign(this.state, { mode: "find", byPerson: false, error: "", closed: false, ...this._clean() });
        Object.assign(this.person, PERSON);
        this._focus();
    }

    async findNumber() {
        if (this.state.number.trim()) {
            this._show(await this.call("action_find_number", [this.session.id, this.state.number]));
        }
    }

    async findPerson() {
        const { first_name, surname, street, zip_code, city, phone } = this.person;
        this._show(await this.call("action_find_person", [this.session.id, first_name, surname, street, zip_code, city, phone]));
    }

    _show(found) {
        if (found) {
            Object.assign(this.state, { found, card: false, receipt: false });
            if (found.invoices.length === 1) {
                this.choose(found.invoices[0]);
            }
        }
    }

    /** Return whether who was found has several invoices: the cashier chooses one. */
    get several() {
        return Boolean(this.state.found) && this.state.found.invoices.length > 1;
    }

    choose(card) {
        const amount = card.open.toFixed(this.session.unit >= 1 ? 0 : 2);
        Object.assign(this.state, { card, amount, tendered: amount, key: uuid(), error: "" });
    }

    get change() {
        return (parseAmount(this.state.tendered) ?? 0) - (parseAmount(this.state.amount) ?? 0);
    }

    async pay() {
        const { found, card, amount, tendered, key } = this.state;
        const sums = [parseAmount(amount) ?? 0, parseAmount(tendered) ?? 0];
        const receipt = await this.call("action_pay", [this.session.id, found.search, card.id, ...sums, key]);
        if (receipt) {
            await this.load();
            this.state.receipt = receipt;
        }
    }

    async duplicate() {
        const args = [this.session.id, this.state.found.search, this.state.card.id];
        const action = await this.call("action_duplicate", args);
        if (action) {
            await this.action.doAction(action);
        }
    }

    // ------------------------------------------------------------------ what was paid

    async print(model, id) {
        const action = await this.call("action_print", [[id]], model);
        if (action) {
            await this.action.doAction(action);
        }
    }

    printReceipt(id) {
        return this.print("crm.cash.payment", id);
    }

    async askReversal() {
        const args = [[this.state.asking.id], this.state.reason];
        if (await this.call("action_ask_reversal", args, "crm.cash.payment")) {
            await this.load();
            this.next();
        }
    }

    async withdraw(payment) {
        if (await this.call("action_withdraw_reversal", [[payment.id]], "crm.cash.payment")) {
            await this.load();
        }
    }
}

registry.category("actions").add("crm_branch.cash", CashAction);
