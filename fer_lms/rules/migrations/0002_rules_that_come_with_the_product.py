from dataclasses import asdict

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fer_lms.rules.engine.templates import TEMPLATES


def add_rules(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("rules", "InteractionRule").objects
    versions = apps.get_model("rules", "RuleVersion")
    columns = {field.name for field in versions._meta.concrete_fields}
    for name, template in TEMPLATES.items():
        if template.everywhere:
            rule = rules.create(template=name, title=template.title())
            values = asdict(template.spec)
            versions.objects.create(
                rule=rule, number=1, **{key: values[key] for key in columns & values.keys()}
            )


class Migration(migrations.Migration):
    dependencies = [("rules", "0001_initial")]
    operations = [migrations.RunPython(add_rules, migrations.RunPython.noop)]
