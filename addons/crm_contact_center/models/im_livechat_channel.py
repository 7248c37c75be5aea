from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ImLivechatChannel(models.Model):
    """A live chat whose conversations our routing gives to agents, and nobody else (CC-2a)."""

    _inherit = "im_livechat.channel"

    crm_queue_id = fields.Many2one(
        "crm.queue",
        "Queue",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("takes_chats", "=", True)],
        help="Who asks for a person waits there for an agent of the contact center. Live chat’s own agents, below, get"
        " nothing then.",
    )

    # === CONSTRAINS METHODS === #

    @api.constrains("crm_queue_id", "rule_ids")
    def _check_queue_bots(self):
        for channel in self.filtered("crm_queue_id"):
            steps = channel.rule_ids.chatbot_script_id.script_step_ids
            if steps.filtered(lambda step: step.is_forward_operator and step.step_type != "crm_queue"):
                raise ValidationError(
                    self.env._(
                        "%s: its bot hands over by a step of live chat. Use the step “Hand Over to an Agent”, which"
                        " goes by the queue.",
                        channel.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a channel with a queue has a bot that asks what it is about."""
        channels = super().create(vals_list)
        channels._ensure_bot()
        return channels

    def write(self, vals):
        """Override: a channel with a queue has a bot that asks what it is about."""
        result = super().write(vals)
        if {"crm_queue_id", "rule_ids"} & vals.keys():
            self._ensure_bot()
        return result

    def _ensure_bot(self):
        reception = self.env.ref("crm_contact_center.chatbot_reception", raise_if_not_found=False)
        without = self.filtered(lambda channel: channel.crm_queue_id and not channel._queue_bot())
        if reception:
            self.env["im_livechat.channel.rule"].create(
                [{"channel_id": channel.id, "chatbot_script_id": reception.id, "sequence": 1000} for channel in without]
            )

    # === BUSINESS METHODS === #

    def _queue_bot(self):
        """Return the bot that receives visitors of a channel with a queue."""
        scripts = self.rule_ids.sorted("sequence").chatbot_script_id
        return scripts.filtered(lambda script: script.active and script.script_step_ids)[:1]

    def _get_available_operators_by_livechat_channel(self, users=None):
        """Override: of a channel with a queue nobody is chosen here. Its agents are those of the routing."""
        found = super()._get_available_operators_by_livechat_channel(users)
        queued = self.sudo().filtered("crm_queue_id")
        return found | {channel.with_env(self.env): self.env["res.users"] for channel in queued}

    def _get_operator_info(self, /, *, lang, country_id, previous_operator_id=None, chatbot_script_id=None, **kwargs):
        """Override: conversations of a channel with a queue begin with its bot, whatever a client asks for."""
        if self.crm_queue_id:
            previous_operator_id = None
            if chatbot_script_id not in self.rule_ids.chatbot_script_id.ids:
                chatbot_script_id = self._queue_bot().id
        return super()._get_operator_info(
            lang=lang,
            country_id=country_id,
            previous_operator_id=previous_operator_id,
            chatbot_script_id=chatbot_script_id,
            **kwargs,
        )
