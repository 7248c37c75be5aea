-- the telephone believes a copy as little as the copy believes the telephone
UPDATE crm_telephony_system
   SET key = replace(gen_random_uuid()::text, '-', ''),
       secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');

-- nobody is called for what was asked where it was copied from
UPDATE crm_telephony_command
   SET state = 'failed',
       error = 'neutralization - copy for trials'
 WHERE state IN ('new', 'handed');
