from django.db import migrations, models

# A row's balance after its last movement before the moment, found backwards along the audit trail.
STOCK_AS_OF = """
CREATE VIEW inventory_stockasof AS
SELECT held.location_id, held.product_id, held.stock_location_id,
       coalesce((
         SELECT moved.balance FROM inventory_stockmovement AS moved
          WHERE moved.location_id = held.location_id AND moved.product_id = held.product_id
            AND moved.stock_location_id = held.stock_location_id
            AND moved.posted_at < (
              SELECT current_setting('inventory.as_of')::timestamp AT TIME ZONE place.time_zone
                FROM locations_fulfillmentlocation AS place WHERE place.id = held.location_id)
          ORDER BY moved.id DESC LIMIT 1), 0) AS quantity
  FROM inventory_stockonhand AS held
"""


class Migration(migrations.Migration):
    """Stock On Hand as of any moment; a view, so it waits for nobody who posts."""

    dependencies = [
        ("inventory", "0007_transactions_by_writer"),
        ("locations", "__first__"),
    ]

    operations = [
        migrations.RunSQL(STOCK_AS_OF, "DROP VIEW inventory_stockasof"),
        migrations.CreateModel(
            name="StockAsOf",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "location_id",
                        "product_id",
                        "stock_location_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("quantity", models.IntegerField(verbose_name="on hand")),
            ],
            options={
                "db_table": "inventory_stockasof",
                "managed": False,
                "default_permissions": (),
            },
        ),
    ]
