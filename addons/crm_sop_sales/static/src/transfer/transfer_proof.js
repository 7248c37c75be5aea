import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** Says that a proof is too large before it is sent: the server refuses it without a word (SOP-11b). */
export class TransferProof extends Interaction {
    static selector = "form[name='transfer_proof']";
    dynamicContent = {
        "input[name='file']": { "t-on-change": this.onFileChange },
    };

    onFileChange(ev) {
        const input = ev.currentTarget;
        const isTooLarge = input.files[0]?.size > input.dataset.megabytes * 1024 * 1024;
        const text = this.el.querySelector("#proof_file_too_large").textContent;
        input.classList.toggle("is-invalid", isTooLarge);
        input.setCustomValidity(isTooLarge ? text.trim().replace(/\s+/g, " ") : "");
    }
}

registry.category("public.interactions").add("crm_sop_sales.transfer_proof", TransferProof);
