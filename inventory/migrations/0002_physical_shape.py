from django.db import migrations

AUDIT_VIEW = """
CREATE VIEW inventory_auditentry AS
SELECT id, transaction_id, location_id, product_id, stock_location_id, quantity, balance,
       happened_at, posted_at,
       sum(quantity) OVER (PARTITION BY location_id, product_id ORDER BY id) AS store_balance
  FROM inventory_stockmovement
"""


class Migration(migrations.Migration):
    """DESIGN §9: room on the page for HOT updates, int keys, and the audit trail's view."""

    dependencies = [("inventory", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_stockonhand SET (fillfactor = 90)",
            "ALTER TABLE inventory_stockonhand RESET (fillfactor)",
        ),
        migrations.RunSQL(AUDIT_VIEW, "DROP VIEW inventory_auditentry"),
    ]
