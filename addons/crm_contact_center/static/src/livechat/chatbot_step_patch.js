import { ChatbotStep } from "@im_livechat/core/common/chatbot_step_model";
import { createDocumentFragmentFromContent } from "@web/core/utils/html";
import { patch } from "@web/core/utils/patch";

/** Our steps of the bot after which it waits for what the visitor writes. */
const LISTENING = ["crm_faq", "crm_order", "crm_queue"];

patch(ChatbotStep.prototype, {
    get expectAnswer() {
        return LISTENING.includes(this.step_type) || super.expectAnswer;
    },
    get answer() {
        if (LISTENING.includes(this.step_type)) {
            return createDocumentFragmentFromContent(this.rawAnswer).body.textContent;
        }
        return super.answer;
    },
});
