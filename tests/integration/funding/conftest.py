from integration.funding.desk import desk, simulator

__all__ = ["desk", "simulator"]
