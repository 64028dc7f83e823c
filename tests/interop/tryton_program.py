"""Runs in the environment of Tryton: fills a new database with the goods and customers of Harbor.

Called with the configuration and the year that documents fall in; prints the key of the REST user.
"""

import datetime
import sys
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company, get_company
from trytond.modules.currency.tests.tools import get_currency

GOODS = {"LMP-100": ("Table lamp, brass", "12.40"), "LMP-200": ("Floor lamp, oak", "48.00")}
DOCKS = [("Bluebird Distribution Center 3", "900 Commerce Loop", "Fernley", "89408")]


def open_the_books(year: int) -> None:
    """Create the company, a chart of accounts and fiscal years around the documents."""
    create_company(currency=get_currency("USD"))
    config.get_config()._context["company"] = get_company().id
    create_chart()
    for each in (year, datetime.datetime.now(tz=datetime.UTC).year):
        if not Model.get("account.fiscalyear").find([("name", "=", str(each))]):
            days = (datetime.date(each, 1, 1), datetime.date(each, 12, 31))
            fiscal = set_fiscalyear_invoice_sequences(create_fiscalyear(today=days))
            fiscal.name = str(each)
            fiscal.save()
            fiscal.click("create_period")


def stock_the_shelves() -> None:
    """Create what Harbor sells."""
    accounts = get_accounts()
    category = Model.get("product.category")(name="Lamps", accounting=True)
    category.account_revenue, category.account_expense = accounts["revenue"], accounts["expense"]
    category.save()
    [unit] = Model.get("product.uom").find([("name", "=", "Unit")])
    for code, (name, price) in GOODS.items():
        template = Model.get("product.template")(
            name=name, code=code, type="goods", salable=True, default_uom=unit
        )
        template.list_price, template.account_category = Decimal(price), category
        template.save()


def know_the_customer() -> None:
    """Create the retailer, with the docks that it has goods sent to."""
    term = Model.get("account.invoice.payment_term")(name="Net 30")
    term.lines.new(type="remainder")
    term.save()
    customer = Model.get("party.party")(name="Bluebird Retail", code="bluebird-retail")
    customer.customer_payment_term = term
    [address] = customer.addresses
    address.party_name = customer.name
    address.street, address.city, address.postal_code = "1 Bluebird Way", "Reno", "89501"
    address.invoice = True
    country = Model.get("country.country")(name="United States", code="US")
    country.save()
    state = Model.get("country.subdivision")(name="Nevada", code="US-NV", type="state")
    state.country = country
    state.save()
    for name, street, city, postal_code in DOCKS:
        dock = customer.addresses.new(party_name=name, street=street, city=city)
        dock.postal_code, dock.delivery = postal_code, True
        dock.country, dock.subdivision = country, state
    customer.save()


def let_in() -> str:
    """Return the key by which a program may call the REST protocol."""
    door = Model.get("res.user.application")(application="rest", user=Model.get("res.user")(1))
    door.state = "validated"
    door.save()
    return str(door.key)


if __name__ == "__main__":
    config.set_trytond("sqlite:///harbor", user="admin", config_file=sys.argv[1])
    open_the_books(int(sys.argv[2]))
    stock_the_shelves()
    know_the_customer()
    print(let_in())
