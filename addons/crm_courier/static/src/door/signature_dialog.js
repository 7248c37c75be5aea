/* global SignaturePad */
import { Component, onMounted, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";

/** Where the customer signs one paper with a finger (SOP-12i). Needs no network. */
export class SignatureDialog extends Component {
    static template = "crm_courier.SignatureDialog";
    static components = { Dialog };
    static props = { title: String, about: String, name: String, sign: Function, close: Function };

    setup() {
        this.canvas = useRef("canvas");
        this.state = useState({ name: this.props.name, empty: true });
        const resize = () => this._resize();
        onMounted(() => {
            this.pad = new SignaturePad(this.canvas.el, { penColor: "darkblue", minWidth: 1.5, maxWidth: 3 });
            this.pad.addEventListener("endStroke", () => (this.state.empty = this.pad.isEmpty()));
            this._resize();
            if (this.state.name.trim()) {
                this.canvas.el.focus({ preventScroll: true }); // else the keyboard comes up and covers the field
            }
            browser.addEventListener("resize", resize);
        });
        onWillUnmount(() => {
            browser.removeEventListener("resize", resize);
            this.pad.off();
        });
    }

    get problem() {
        if (!this.state.name.trim()) {
            return _t("Write the name of who signs.");
        }
        return this.state.empty ? _t("The customer signs in the field above.") : "";
    }

    /** Have as many dots as the screen has; what was drawn stays. */
    _resize() {
        const canvas = this.canvas.el;
        const drawn = this.pad.toData();
        const ratio = Math.min(window.devicePixelRatio || 1, 2);
        canvas.width = canvas.offsetWidth * ratio;
        canvas.height = canvas.offsetHeight * ratio;
        canvas.getContext("2d").scale(ratio, ratio);
        this.pad.fromData(drawn);
        this.state.empty = this.pad.isEmpty();
    }

    clear() {
        this.pad.clear();
        this.state.empty = true;
    }

    async save() {
        if (this.saving) {
            return;
        }
        this.saving = true;
        const image = this.pad.toDataURL("image/png");
        const taken = await this.props.sign(this.state.name.trim(), image.slice(image.indexOf(",") + 1));
        this.saving = false;
        if (taken) {
            this.props.close();
        }
    }
}
