from django.apps import AppConfig


class DashboardConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "chargenet.dashboard"
    label = "dashboard"

    def ready(self) -> None:
        from chargenet import wiring

        wiring.wire()
