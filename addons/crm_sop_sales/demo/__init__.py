from . import phone_shop_company
from . import phone_shop_stock
from . import phone_shop_orders
from . import phone_shop_contacts
from . import phone_shop_complaints
from . import phone_shop_inquiries
from . import phone_shop_cancellations
from . import phone_shop_transfers
