-- nothing leaves by Meta, nor by a person's own WhatsApp: the sandbox takes every message
UPDATE crm_whatsapp_account
   SET provider = 'sandbox',
       access_token = NULL,
       app_secret = NULL,
       verify_token = replace(gen_random_uuid()::text, '-', ''),
       webhook_key = replace(gen_random_uuid()::text, '-', '');
